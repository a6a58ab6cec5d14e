using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>What libtorch's files are called on a platform, and where they are looked for.</summary>
/// <param name="Rid">The runtime identifier of the package that brings them.</param>
/// <param name="OpenMp">A pattern for the OpenMP runtime that comes with them.</param>
/// <param name="Core">The library that the others need.</param>
/// <param name="Cpu">The library with the C ABI and the kernels for the CPU.</param>
/// <param name="CudaCore">What <paramref name="Cuda"/> needs.</param>
/// <param name="Cuda">The kernels for CUDA.</param>
internal sealed record TorchFiles(string Rid, string OpenMp, string Core, string Cpu, string CudaCore, string Cuda)
{
    private static string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    /// <summary>This platform's.</summary>
    public static TorchFiles Platform { get; } =
        OperatingSystem.IsWindows()
            ? new($"win-{Architecture}", "libiomp5md.dll", "c10.dll", "torch_cpu.dll", "c10_cuda.dll", "torch_cuda.dll")
        : OperatingSystem.IsMacOS()
            ? new(
                $"osx-{Architecture}",
                "libomp*.dylib",
                "libc10.dylib",
                "libtorch_cpu.dylib",
                "libc10_cuda.dylib",
                "libtorch_cuda.dylib"
            )
        : new(
            $"linux-{Architecture}",
            "libgomp*.so*",
            "libc10.so",
            "libtorch_cpu.so",
            "libc10_cuda.so",
            "libtorch_cuda.so"
        );

    /// <summary>The folder to load from.</summary>
    /// <param name="chosen">The value of LAMINA_LIBTORCH; it counts alone if it is set.</param>
    /// <param name="baseDirectory">The program's folder.</param>
    /// <param name="files">The platform's files.</param>
    /// <exception cref="TorchException">The library is in none of the places.</exception>
    public static string Locate(string? chosen, string baseDirectory, TorchFiles files)
    {
        if (!string.IsNullOrWhiteSpace(chosen))
        {
            string what = !Directory.Exists(chosen) ? "is no folder" : $"has no {files.Cpu}";
            return File.Exists(Path.Combine(chosen, files.Cpu))
                ? Path.GetFullPath(chosen)
                : throw new TorchException(
                    $"{TorchLibrary.FolderVariable} is {chosen}, which {what}. "
                        + "Point it at the torch/lib folder of PyTorch 2.10 or newer, or unset it."
                );
        }
        string[] folders = [baseDirectory, Path.Combine(baseDirectory, "runtimes", files.Rid, "native")];
        return folders.FirstOrDefault(f => File.Exists(Path.Combine(f, files.Cpu)))
            ?? throw new TorchException(
                $"libtorch is missing: {files.Cpu} is neither in {folders[0]} nor in {folders[1]}. Restore the NuGet package "
                    + $"libtorch-cpu-{files.Rid}, or point {TorchLibrary.FolderVariable} at the torch/lib folder of PyTorch 2.10 or newer."
            );
    }
}
