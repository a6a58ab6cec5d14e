using System.Runtime.InteropServices;

namespace Lamina.Gpu.Driver;

/// <summary>The functions of NVIDIA's driver that load and launch kernels.</summary>
internal static partial class DriverFunctions
{
    private const string Library = "libcuda.so.1";

    [LibraryImport(Library)]
    public static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    public static partial int cuDeviceGet(out int device, int index);

    [LibraryImport(Library)]
    public static partial int cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(Library)]
    public static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    public static partial int cuCtxPushCurrent_v2(nint context);

    [LibraryImport(Library)]
    public static partial int cuCtxPopCurrent_v2(out nint context);

    [LibraryImport(Library)]
    public static partial int cuCtxSynchronize();

    [LibraryImport(Library)]
    public static unsafe partial int cuModuleLoadData(out nint module, byte* image);

    [LibraryImport(Library)]
    public static partial int cuModuleUnload(nint module);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int cuModuleGetFunction(out nint function, nint module, string name);

    [LibraryImport(Library)]
    public static unsafe partial int cuLaunchKernel(
        nint function,
        uint gridX,
        uint gridY,
        uint gridZ,
        uint blockX,
        uint blockY,
        uint blockZ,
        uint sharedBytes,
        nint stream,
        void** parameters,
        void** extra
    );

    [LibraryImport(Library)]
    public static partial int cuMemAlloc_v2(out nint address, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cuMemFree_v2(nint address);

    [LibraryImport(Library)]
    public static unsafe partial int cuMemcpyHtoD_v2(nint target, void* source, nuint bytes);

    [LibraryImport(Library)]
    public static unsafe partial int cuMemcpyDtoH_v2(void* target, nint source, nuint bytes);

    /// <summary>Throws if a function failed.</summary>
    /// <exception cref="DriverException">The result is not 0.</exception>
    public static void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new DriverException(function, result);
        }
    }
}
