using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// The number of threads of libtorch's ops: one for the process, and shares of it for threads that compute at the same time.
/// libtorch keeps the number per thread, so it is applied to each thread that uses the library.
/// </summary>
internal static unsafe class TorchThreads
{
    private static readonly Lock s_lock = new();
    private static nint s_set;
    private static nint s_setOwn;
    private static int s_threads;
    private static int s_version;

    [ThreadStatic]
    private static int t_version;

    [ThreadStatic]
    private static int t_sharers;

    [ThreadStatic]
    private static int t_default;

    /// <summary>The number of the calling thread; the library must be loaded.</summary>
    public static int Count
    {
        get
        {
            uint threads;
            return TorchNative.torch_get_num_threads(&threads) == 0 ? (int)threads : 1;
        }
    }

    /// <summary>Finds the functions that set the number.</summary>
    /// <param name="library">libtorch.</param>
    /// <param name="openMp">The library of OpenMP; 0 if there is none.</param>
    public static void Find(nint library, nint openMp)
    {
        // This one sets the threads of the calling thread alone.
        if (openMp == 0 || !NativeLibrary.TryGetExport(openMp, "omp_set_num_threads", out s_setOwn))
        {
            s_setOwn = 0;
        }
        // at::set_num_threads is not part of the C ABI but affects MKL and oneDNN, too; omp_set_num_threads works without it.
        if (
            !NativeLibrary.TryGetExport(library, "_ZN2at15set_num_threadsEi", out s_set)
            && !NativeLibrary.TryGetExport(library, "?set_num_threads@at@@YAXH@Z", out s_set)
        )
        {
            s_set = s_setOwn;
        }
    }

    /// <summary>Sets the number of all threads, when they use the library next.</summary>
    /// <param name="threads">The number, at least 1.</param>
    public static void Set(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        lock (s_lock)
        {
            s_threads = threads;
            s_version++;
        }
    }

    /// <summary>Limits the calling thread to a share of the number, at least one thread, when it uses the library next.</summary>
    /// <param name="sharers">The number of threads that compute at the same time, at least 1.</param>
    public static void Share(int sharers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sharers, 1);
        t_sharers = sharers;
        t_version = -1;
    }

    /// <summary>Applies the number to the calling thread if it has changed; the library must be loaded.</summary>
    public static void Apply()
    {
        if (t_version == Volatile.Read(ref s_version))
        {
            return;
        }
        lock (s_lock)
        {
            if (s_threads > 0 && s_set != 0)
            {
                ((delegate* unmanaged<int, void>)s_set)(s_threads);
            }
            if (t_sharers > 1 && s_setOwn != 0)
            {
                // Asking makes libtorch set its number for this thread now, and not after the share is set.
                int asked = Count;
                t_default = t_default == 0 ? asked : t_default;
                int all = s_threads > 0 ? s_threads : t_default;
                ((delegate* unmanaged<int, void>)s_setOwn)(Math.Max(all / t_sharers, 1));
            }
            t_version = s_version;
        }
    }
}
