using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Finds and loads libtorch on first use: from the folder that the environment variable LAMINA_LIBTORCH names, else from
/// beside the program. Safe on several threads.
/// </summary>
internal static unsafe class TorchLibrary
{
    /// <summary>The environment variable that names a folder such as PyTorch's torch/lib.</summary>
    public const string FolderVariable = "LAMINA_LIBTORCH";

    /// <summary>
    /// libtorch 2.10, the first whose stable C ABI has what the engine needs. Calls name it, so that a newer library
    /// takes arguments by 2.10's rules.
    /// </summary>
    public const ulong OldestAbi = 0x020a0000_00000000;

    private static readonly Lock s_lock = new();
    private static volatile bool s_ending;
    private static volatile bool s_loaded;
    private static nint s_library;
    private static nint s_openMp;
    private static nint s_setThreads;
    private static int s_threads;
    private static int s_threadsVersion;
    private static string? s_failure;

    [ThreadStatic]
    private static bool t_prepared;

    [ThreadStatic]
    private static int t_threadsVersion;

    /// <summary>The ABI version of the loaded library.</summary>
    public static ulong AbiVersion { get; private set; }

    /// <summary>Whether the library is loaded. It is on first use, never before.</summary>
    public static bool IsLoaded => s_loaded;

    /// <summary>Whether the loaded library comes with CUDA.</summary>
    public static bool HasCuda { get; private set; }

    /// <summary>Whether the loaded library brings oneDNN's fused convolution and matrix product; builds for ARM do not.</summary>
    public static bool HasOneDnn { get; private set; }

    /// <summary>
    /// <see langword="true"/> if the loaded library has oneDNN's products of bytes, which builds for ARM lack, and the processor
    /// makes them exact.
    /// </summary>
    public static bool HasIntegerOps
    {
        get => field && !WithoutIntegerOps;
        private set;
    }

    /// <summary>Whether to do as if there were none of these; for tests.</summary>
    internal static bool WithoutIntegerOps { get; set; }

    /// <summary>
    /// Loads the library if need be and prepares the calling thread: no autograd (the state is a thread's), and the number
    /// of threads that was asked for.
    /// </summary>
    /// <exception cref="TorchException">The library cannot be found or loaded, or is too old.</exception>
    public static void Use()
    {
        if (!t_prepared)
        {
            Load();
            TorchNative.aoti_torch_grad_mode_set_enabled(false);
            t_prepared = true;
        }
        if (t_threadsVersion != Volatile.Read(ref s_threadsVersion))
        {
            ApplyThreads();
        }
    }

    /// <summary>Loads the library if need be, and throws unless it can compute on a device.</summary>
    /// <exception cref="TorchException">The library cannot be loaded, or has no kernels for the device.</exception>
    public static void Require(Device device)
    {
        Use();
        if (device.Kind == DeviceKind.Cuda && !HasCuda)
        {
            throw new TorchException(
                $"{device} cannot be used: the libtorch that is loaded computes on CPUs only. Use Device.Cpu, or set "
                    + $"{FolderVariable} to the torch/lib folder of a PyTorch with CUDA."
            );
        }
    }

    /// <summary>The time that loading took; zero before.</summary>
    public static TimeSpan LoadTime { get; private set; }

    /// <summary>
    /// Loads the library on another thread while the caller reads files, say. What goes wrong is thrown on first use.
    /// </summary>
    /// <returns>Waits for the thread when disposed: a process must not end while a library is being loaded.</returns>
    public static IDisposable LoadAhead()
    {
        var thread = new Thread(() =>
        {
            try
            {
                Load();
            }
            catch (TorchException)
            {
                // Kept, and thrown on first use.
            }
        })
        {
            IsBackground = true,
            Name = "Lamina libtorch",
        };
        thread.Start();
        return new Loading(thread);
    }

    private sealed class Loading(Thread thread) : IDisposable
    {
        public void Dispose() => thread.Join();
    }

    /// <summary>Whether the process is ending, so that nothing native may be freed by finalizers any more.</summary>
    public static bool IsEnding => s_ending;

    /// <summary>How many threads an op uses.</summary>
    public static int Threads
    {
        get
        {
            Use();
            uint threads;
            return TorchNative.torch_get_num_threads(&threads) == 0 ? (int)threads : 1;
        }
    }

    /// <summary>
    /// Sets how many threads an op uses, on any thread of ours from now on. Without it libtorch follows OMP_NUM_THREADS,
    /// else takes one a core.
    /// </summary>
    /// <param name="threads">At least 1.</param>
    public static void SetThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        lock (s_lock)
        {
            s_threads = threads;
            s_threadsVersion++;
        }
        if (s_loaded)
        {
            Use();
        }
    }

    private static void ApplyThreads()
    {
        lock (s_lock)
        {
            if (s_threads > 0 && s_setThreads != 0)
            {
                ((delegate* unmanaged<int, void>)s_setThreads)(s_threads);
            }
            t_threadsVersion = s_threadsVersion;
        }
    }

    private static void Load()
    {
        if (s_loaded)
        {
            return;
        }
        lock (s_lock)
        {
            if (s_failure is not null)
            {
                throw new TorchException(s_failure);
            }
            if (s_loaded)
            {
                return;
            }
            try
            {
                long start = Stopwatch.GetTimestamp();
                LoadFrom(
                    TorchFiles.Locate(
                        Environment.GetEnvironmentVariable(FolderVariable),
                        AppContext.BaseDirectory,
                        TorchFiles.Platform
                    )
                );
                LoadTime = Stopwatch.GetElapsedTime(start);
                s_loaded = true;
                AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                {
                    s_ending = true;
                    // A finalizer that is already in native code must come out of it.
                    GC.WaitForPendingFinalizers();
                };
            }
            catch (TorchException e)
            {
                s_failure = e.Message;
                throw;
            }
        }
    }

    private static void LoadFrom(string folder)
    {
        ProcessSettings.Apply();
        TorchFiles files = TorchFiles.Platform;
        s_openMp = LoadFirst(folder, files.OpenMp);
        LoadOne(folder, files.Core);
        s_library = LoadOne(folder, files.Cpu);
        // Kernels for CUDA register themselves when their library is loaded.
        if (File.Exists(Path.Combine(folder, files.CudaCore)) && File.Exists(Path.Combine(folder, files.Cuda)))
        {
            LoadOne(folder, files.CudaCore);
            LoadOne(folder, files.Cuda);
            HasCuda = true;
        }
        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(),
            static (name, _, _) => name == TorchNative.Library ? s_library : 0
        );
        foreach (string function in (string[])["aoti_torch_abi_version", "torch_call_dispatcher", "torch_parallel_for"])
        {
            if (!NativeLibrary.TryGetExport(s_library, function, out _))
            {
                throw new TorchException(TooOld(folder, $"it has no function {function}"));
            }
        }
        AbiVersion = TorchNative.aoti_torch_abi_version();
        if (AbiVersion < OldestAbi)
        {
            throw new TorchException(TooOld(folder, $"its version is {AbiVersion >> 56}.{(AbiVersion >> 48) & 0xff}"));
        }
        HasOneDnn = NativeLibrary.TryGetExport(s_library, nameof(TorchNative.aoti_torch_cpu__linear_pointwise), out _);
        HasIntegerOps =
            ByteProducts.AreExact
            && NativeLibrary.TryGetExport(s_library, nameof(TorchNative.aoti_torch_cpu__qconv_pointwise_tensor), out _)
            && NativeLibrary.TryGetExport(
                s_library,
                nameof(TorchNative.aoti_torch_cpu__qlinear_pointwise_tensor),
                out _
            );
        // at::set_num_threads is no part of the C ABI but reaches MKL and oneDNN too; omp_set_num_threads does without.
        if (
            !NativeLibrary.TryGetExport(s_library, "_ZN2at15set_num_threadsEi", out s_setThreads)
            && !NativeLibrary.TryGetExport(s_library, "?set_num_threads@at@@YAXH@Z", out s_setThreads)
            && s_openMp != 0
        )
        {
            _ = NativeLibrary.TryGetExport(s_openMp, "omp_set_num_threads", out s_setThreads);
        }
    }

    private static string TooOld(string folder, string why) =>
        $"libtorch in {folder} is too old: {why}. Lamina needs libtorch 2.10 or newer.";

    /// <summary>Loads one file of libtorch's.</summary>
    /// <exception cref="TorchException">It does not load.</exception>
    internal static nint LoadOne(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string reason = e.Message.ReplaceLineEndings(" ").Trim();
            throw new TorchException(
                $"libtorch in {folder} does not load: {file}: {reason} "
                    + $"Restore the libtorch package again, or point {FolderVariable} at a torch/lib of PyTorch 2.10 or newer.",
                e
            );
        }
    }

    private static nint LoadFirst(string folder, string pattern)
    {
        string? path = Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).FirstOrDefault();
        return path is null ? 0 : LoadOne(folder, Path.GetFileName(path));
    }
}
