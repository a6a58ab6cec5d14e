using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Torch;

/// <summary>An NVIDIA GPU.</summary>
/// <param name="Index">The index, from 0.</param>
/// <param name="Name">The product's name.</param>
/// <param name="Memory">The size of its memory in bytes.</param>
/// <param name="Capability">The compute capability.</param>
internal sealed record GpuInfo(int Index, string Name, long Memory, Version Capability)
{
    /// <summary><see langword="true"/> if the GPU multiplies bfloat16 matrices in hardware.</summary>
    public bool HasBFloat16 => Capability.Major >= 8;
}

/// <summary>The GPUs of a machine as NVIDIA's driver reports them.</summary>
/// <param name="IsInstalled"><see langword="true"/> if there is a driver.</param>
/// <param name="Cuda">The newest CUDA version that the driver supports.</param>
/// <param name="Gpus">The GPUs.</param>
/// <param name="Failure">The error number of the driver; 0 for none.</param>
internal sealed record GpuSurvey(bool IsInstalled, Version Cuda, IReadOnlyList<GpuInfo> Gpus, int Failure = 0)
{
    /// <summary>The survey of a machine without a driver.</summary>
    public static readonly GpuSurvey NoDriver = new(false, new Version(0, 0), []);
}

/// <summary>Asks NVIDIA's driver for the GPUs, without libtorch and without creating a context.</summary>
internal static unsafe class CudaDriver
{
    private const int MajorAttribute = 75;
    private const int MinorAttribute = 76;

    private static readonly Lazy<GpuSurvey> s_machine = new(Query);

    /// <summary>The driver's library.</summary>
    public static string File => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The GPUs of this machine, read once.</summary>
    public static GpuSurvey Machine => s_machine.Value;

    private static GpuSurvey Query()
    {
        if (!NativeLibrary.TryLoad(File, out nint driver))
        {
            return GpuSurvey.NoDriver;
        }
        int version = 0;
        int count = 0;
        int error = Call(driver, "cuInit", 0);
        if (error == 0 && NativeLibrary.TryGetExport(driver, "cuDriverGetVersion", out nint getVersion))
        {
            error = ((delegate* unmanaged<int*, int>)getVersion)(&version);
        }
        if (error == 0 && NativeLibrary.TryGetExport(driver, "cuDeviceGetCount", out nint getCount))
        {
            error = ((delegate* unmanaged<int*, int>)getCount)(&count);
        }
        List<GpuInfo> gpus = [];
        for (int i = 0; i < count && error == 0; i++)
        {
            error = Describe(driver, i, gpus);
        }
        return new GpuSurvey(true, new Version(version / 1000, version % 1000 / 10), gpus, error);
    }

    private static int Call(nint driver, string function, uint argument) =>
        NativeLibrary.TryGetExport(driver, function, out nint address)
            ? ((delegate* unmanaged<uint, int>)address)(argument)
            : -1;

    private static int Describe(nint driver, int index, List<GpuInfo> gpus)
    {
        const int MostCharacters = 256;
        if (
            !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out nint get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetName", out nint getName)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceTotalMem_v2", out nint getMemory)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out nint getAttribute)
        )
        {
            return -1;
        }
        int device = 0;
        byte* name = stackalloc byte[MostCharacters];
        nuint memory = 0;
        int major = 0;
        int minor = 0;
        var attribute = (delegate* unmanaged<int*, int, int, int>)getAttribute;
        int error = ((delegate* unmanaged<int*, int, int>)get)(&device, index);
        error = error != 0 ? error : ((delegate* unmanaged<byte*, int, int, int>)getName)(name, MostCharacters, device);
        error = error != 0 ? error : ((delegate* unmanaged<nuint*, int, int>)getMemory)(&memory, device);
        error = error != 0 ? error : attribute(&major, MajorAttribute, device);
        error = error != 0 ? error : attribute(&minor, MinorAttribute, device);
        if (error == 0)
        {
            string text = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name));
            gpus.Add(new GpuInfo(index, text, (long)memory, new Version(major, minor)));
        }
        return error;
    }
}
