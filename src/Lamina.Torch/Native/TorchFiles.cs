using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>The names of libtorch's files on a platform, and the folders that are searched for them.</summary>
/// <param name="Rid">The runtime identifier of the package that contains them.</param>
/// <param name="OpenMp">A pattern for the OpenMP runtime that comes with them.</param>
/// <param name="Core">The library that the others need.</param>
/// <param name="Cpu">The library with the C ABI and the kernels for the CPU.</param>
/// <param name="CudaCore">The library that <paramref name="Cuda"/> needs.</param>
/// <param name="Cuda">The library with the kernels for CUDA.</param>
internal sealed record TorchFiles(string Rid, string OpenMp, string Core, string Cpu, string CudaCore, string Cuda)
{
    private static string Architecture =>
        RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    /// <summary>The files of this platform.</summary>
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

    /// <summary>Returns <see langword="true"/> if a folder contains the libraries for CUDA.</summary>
    public bool HasCuda(string folder) =>
        File.Exists(Path.Combine(folder, CudaCore)) && File.Exists(Path.Combine(folder, Cuda));

    /// <summary>Returns the program's folder with the library; <see langword="null"/> if there is none.</summary>
    public static string? Find(string baseDirectory, TorchFiles files) =>
        Folders(baseDirectory, files).FirstOrDefault(f => File.Exists(Path.Combine(f, files.Cpu)));

    private static string[] Folders(string baseDirectory, TorchFiles files) =>
        [baseDirectory, Path.Combine(baseDirectory, "runtimes", files.Rid, "native")];

    /// <summary>Returns the folder to load from.</summary>
    /// <param name="chosen">The value of LAMINA_LIBTORCH; if set, no other folder is searched.</param>
    /// <param name="baseDirectory">The program's folder.</param>
    /// <param name="files">The platform's files.</param>
    /// <exception cref="TorchException">The library is in none of the folders.</exception>
    public static string Locate(string? chosen, string baseDirectory, TorchFiles files)
    {
        if (!string.IsNullOrWhiteSpace(chosen))
        {
            string what = !Directory.Exists(chosen) ? "is not a folder" : $"has no {files.Cpu}";
            return File.Exists(Path.Combine(chosen, files.Cpu))
                ? Path.GetFullPath(chosen)
                : throw new TorchException(
                    $"{TorchLibrary.FolderVariable} is {chosen}, which {what}. "
                        + "Point it at the torch/lib folder of PyTorch 2.10 or newer, or unset it."
                );
        }
        string[] folders = Folders(baseDirectory, files);
        return Find(baseDirectory, files)
            ?? throw new TorchException(
                $"libtorch is missing: {files.Cpu} is neither in {folders[0]} nor in {folders[1]}. Restore the NuGet package "
                    + $"libtorch-cpu-{files.Rid}, or point {TorchLibrary.FolderVariable} at the torch/lib folder of PyTorch 2.10 or newer."
            );
    }
}
