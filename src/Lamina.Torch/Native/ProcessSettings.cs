using System.Runtime.InteropServices;
using System.Text;

namespace Lamina.Torch;

/// <summary>
/// The process settings that libtorch reads when it is loaded: memory retention and thread waiting. Linux only; other
/// systems do not need them.
/// </summary>
internal static unsafe class ProcessSettings
{
    /// <summary>OpenMP's variable for the way threads wait.</summary>
    public const string WaitPolicy = "OMP_WAIT_POLICY";

    /// <summary>GNU OpenMP's variable for the time threads spin.</summary>
    public const string SpinCount = "GOMP_SPINCOUNT";

    /// <summary>Applies the settings, before the library is loaded and before the first tensor.</summary>
    public static void Apply()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint libc))
        {
            KeepBigBlocks(libc);
            WaitPatiently(libc);
        }
    }

    /// <summary>
    /// Keeps large blocks in glibc's heap when they are freed. Otherwise each step waits for new pages; keeping them
    /// makes training 1.2 to 1.5 times as fast.
    /// </summary>
    private static void KeepBigBlocks(nint libc)
    {
        const int trimThreshold = -1;
        const int topPad = -2;
        const int mmapMax = -4;
        if (NativeLibrary.TryGetExport(libc, "mallopt", out nint address))
        {
            var mallopt = (delegate* unmanaged<int, int, int>)address;
            _ = mallopt(mmapMax, 0);
            _ = mallopt(trimThreshold, int.MaxValue);
            _ = mallopt(topPad, 256 << 20);
        }
    }

    /// <summary>
    /// Makes GNU OpenMP's threads stop spinning between ops, which they otherwise do for milliseconds. Spinning delays
    /// other users of the cores, such as the data loader, and the op whose thread was displaced. If either variable is
    /// set already, it is left alone; OMP_WAIT_POLICY=active or GOMP_SPINCOUNT=300000 (its default) restores the
    /// spinning.
    /// </summary>
    private static void WaitPatiently(nint libc)
    {
        if (
            Environment.GetEnvironmentVariable(WaitPolicy) is null
            && Environment.GetEnvironmentVariable(SpinCount) is null
        )
        {
            Set(libc, SpinCount, StandardSpins);
        }
    }

    /// <summary>
    /// Allows or forbids NVIDIA's libraries to round the factors of float32 products to tf32. By default, cuDNN would and cuBLAS
    /// would not. If either variable is set already, both are left alone.
    /// </summary>
    public static void AllowTf32(bool isAllowed)
    {
        const string cublas = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";
        const string all = "NVIDIA_TF32_OVERRIDE";
        if (
            Environment.GetEnvironmentVariable(cublas) is not null
            || Environment.GetEnvironmentVariable(all) is not null
        )
        {
            return;
        }
        (string name, string value) = isAllowed ? (cublas, "1") : (all, "0");
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows() && NativeLibrary.TryLoad("libc.so.6", out nint libc))
        {
            Set(libc, name, value);
        }
    }

    // .NET's own environment is a copy, which native code does not see.
    private static void Set(nint libc, string name, string value)
    {
        if (NativeLibrary.TryGetExport(libc, "setenv", out nint address))
        {
            var setenv = (delegate* unmanaged<byte*, byte*, int, int>)address;
            fixed (byte* key = Encoding.ASCII.GetBytes(name + '\0'))
            fixed (byte* text = Encoding.ASCII.GetBytes(value + '\0'))
            {
                _ = setenv(key, text, 0);
            }
        }
    }

    // Some tens of microseconds: as long as a thread takes to wake up.
    private const string StandardSpins = "1000";
}
