using System.Runtime.InteropServices;

namespace Lamina.Bench.Peers;

/// <summary>
/// Loads TorchSharp's native library. On Linux it names GLIBCXX_3.4.32, which Debian 12 and Ubuntu 22.04 lack, for one symbol
/// that nothing calls (the C++ streams' initializer, which older libraries run by themselves): there a temporary copy whose
/// need is marked weak is loaded in its place.
/// </summary>
internal static class TorchSharpLibrary
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string FileName = "libLibTorchSharp.so";

    public static void Load()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        string folder = Path.Combine(
            AppContext.BaseDirectory,
            "runtimes",
            RuntimeInformation.RuntimeIdentifier,
            "native"
        );
        folder = Directory.Exists(folder)
            ? folder
            : Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        foreach (string library in (string[])["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libtorch.so"])
        {
            NativeLibrary.Load(Path.Combine(folder, library));
        }
        string original = Path.Combine(folder, FileName);
        if (NativeLibrary.TryLoad(original, out nint loaded))
        {
            Use(loaded);
            return;
        }
        byte[] elf = File.ReadAllBytes(original);
        if (!WeakVersion.Mark(elf, Version))
        {
            NativeLibrary.Load(original);
        }
        string copy = Path.Combine(Path.GetTempPath(), $"lamina-bench-{Environment.ProcessId}-{FileName}");
        try
        {
            File.WriteAllBytes(copy, elf);
            Use(NativeLibrary.Load(copy));
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static void Use(nint loaded) =>
        NativeLibrary.SetDllImportResolver(
            typeof(TorchSharp.torch).Assembly,
            (name, _, _) => name == "LibTorchSharp" ? loaded : 0
        );
}
