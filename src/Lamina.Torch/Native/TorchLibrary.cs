using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// Loads libtorch on first use, from the folder that <see cref="LibtorchChoice"/> chooses. Thread-safe.
/// </summary>
internal static class TorchLibrary
{
    /// <summary>The environment variable with the path of a folder such as PyTorch's torch/lib.</summary>
    public const string FolderVariable = "LAMINA_LIBTORCH";

    /// <summary>
    /// The ABI version of libtorch 2.10, the first whose stable C ABI has what the engine needs. Calls state it, so
    /// that a newer library treats arguments by 2.10's rules.
    /// </summary>
    public const ulong OldestAbi = 0x020a0000_00000000;

    private static readonly Lock s_lock = new();
    private static readonly Lazy<LibtorchChoice> s_choice = new(() =>
        new LibtorchChoice(
            Environment.GetEnvironmentVariable(FolderVariable),
            AppContext.BaseDirectory,
            TorchFiles.Platform,
            () => PyTorchFinder.OfMachine().Find()
        )
    );
    private static volatile bool s_ending;
    private static volatile bool s_loaded;
    private static nint s_library;
    private static nint s_openMp;
    private static string? s_failure;
    private static bool? s_tf32;

    [ThreadStatic]
    private static bool t_prepared;

    /// <summary>The ABI version of the loaded library.</summary>
    public static ulong AbiVersion { get; private set; }

    /// <summary><see langword="true"/> if the library is loaded, which happens on first use.</summary>
    public static bool IsLoaded => s_loaded;

    /// <summary><see langword="true"/> if the loaded library supports CUDA.</summary>
    public static bool HasCuda { get; private set; }

    /// <summary>The folder of the loaded library; <see langword="null"/> before it is loaded.</summary>
    public static LibtorchFolder? Loaded { get; private set; }

    /// <summary>The folders to choose from.</summary>
    public static LibtorchChoice Choice => s_choice.Value;

    /// <summary>
    /// <see langword="true"/> if the loaded library includes oneDNN's fused convolution and matrix product; builds for
    /// ARM do not.
    /// </summary>
    public static bool HasOneDnn { get; private set; }

    /// <summary>
    /// <see langword="true"/> if the loaded library has oneDNN's products of bytes, which builds for ARM lack, and the
    /// processor computes them exactly.
    /// </summary>
    public static bool HasIntegerOps
    {
        get => field && !WithoutIntegerOps;
        private set;
    }

    /// <summary><see langword="true"/> to behave as if these were missing; for tests.</summary>
    internal static bool WithoutIntegerOps { get; set; }

    /// <summary>
    /// Loads the library if necessary and prepares the calling thread: no autograd (a state per thread), and the
    /// requested number of threads.
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
        TorchThreads.Apply();
    }

    /// <summary>
    /// Loads the library if necessary, one for CUDA if the device is a GPU, and throws unless the device can be used.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">The precision, which on a GPU the first use in a process decides in part.</param>
    /// <exception cref="TorchException">The library cannot be loaded, or the device cannot be used.</exception>
    public static void Require(Device device, ComputePrecision precision = ComputePrecision.Float32)
    {
        if (device.Kind != DeviceKind.Cuda)
        {
            Use();
            return;
        }
        if ((NoGpuReason() ?? NoGpuReason(device.Index)) is { } reason)
        {
            throw new TorchException($"{device} cannot be used: {reason}");
        }
        lock (s_lock)
        {
            s_tf32 ??= precision == ComputePrecision.Tf32;
        }
        if (precision != ComputePrecision.BFloat16 && s_tf32 != (precision == ComputePrecision.Tf32))
        {
            throw new TorchException(
                $"{device}: this process computes {(s_tf32 == true ? "with" : "without")} tf32 on its GPU. NVIDIA's libraries "
                    + "read the choice once: use one of float32 and tf32, or a process for each."
            );
        }
        Load(cuda: true);
        Use();
        if (!HasCuda)
        {
            // Another thread has loaded the library meanwhile.
            throw new TorchException($"{device} cannot be used: {LoadedForCpu()}");
        }
    }

    /// <summary>Returns why no GPU can be used, without loading the library; <see langword="null"/> if one can.</summary>
    /// <exception cref="TorchException">There is no library.</exception>
    public static string? NoGpuReason()
    {
        GpuSurvey machine = CudaDriver.Machine;
        LibtorchFolder folder = ForCuda();
        // Python is asked only where its answer matters.
        bool asks = machine.Gpus.Count > 0 && !folder.HasCuda && !Choice.IsSet;
        string? reason = GpuReason.Of(machine, folder, asks ? Choice.Installed : null);
        return reason is not null && folder == Loaded && asks && Choice.Installed is { HasCuda: true, IsTooOld: false }
            ? LoadedForCpu()
            : reason;
    }

    private static string LoadedForCpu() =>
        $"this process has loaded the libtorch in {Loaded?.Path}, which computes on CPUs only. Use the GPU first, or set {FolderVariable}.";

    /// <summary>Returns why one GPU cannot be used although others can; <see langword="null"/> if it can.</summary>
    public static string? NoGpuReason(int index) => GpuReason.OfIndex(index, CudaDriver.Machine, ForCuda());

    /// <summary>Returns the folder that would be loaded for CUDA, or that is loaded.</summary>
    private static LibtorchFolder ForCuda() => Loaded ?? Choice.Choose(CudaDriver.Machine.Gpus.Count > 0);

    /// <summary>The time that loading took; zero before.</summary>
    public static TimeSpan LoadTime { get; private set; }

    /// <summary>
    /// Loads the library on another thread, for example while the caller reads files. Errors are thrown on first use.
    /// </summary>
    /// <returns>
    /// An object whose disposal waits for the thread: a process must not end while a library is being loaded.
    /// </returns>
    /// <param name="device">The device that will be used.</param>
    /// <param name="precision">The precision that it will compute in.</param>
    public static IDisposable LoadAhead(Device device = default, ComputePrecision precision = ComputePrecision.Float32)
    {
        var thread = new Thread(() =>
        {
            try
            {
                Require(device, precision);
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

    /// <summary>
    /// <see langword="true"/> if the process is ending, so that finalizers must not free native memory any more.
    /// </summary>
    public static bool IsEnding => s_ending;

    /// <summary>The number of threads of an op.</summary>
    public static int Threads
    {
        get
        {
            Use();
            return TorchThreads.Count;
        }
    }

    /// <summary>
    /// Sets the number of threads of an op, on any managed thread from now on. By default libtorch follows
    /// OMP_NUM_THREADS, or uses one per core.
    /// </summary>
    /// <param name="threads">The number of threads, at least 1.</param>
    public static void SetThreads(int threads)
    {
        TorchThreads.Set(threads);
        if (s_loaded)
        {
            Use();
        }
    }

    /// <summary>
    /// Divides the threads of an op between several threads that compute at the same time: ops that the calling thread runs
    /// from now on use its share, at least one. Does not load the library.
    /// </summary>
    /// <param name="sharers">The number of threads that compute, at least 1.</param>
    public static void ShareThreads(int sharers) => TorchThreads.Share(sharers);

    private static void Load(bool cuda = false)
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
                LibtorchFolder folder = Choice.Choose(cuda);
                if (folder.IsTooOld)
                {
                    // Its code is not run at all: old libraries may conflict with this process.
                    throw new TorchException(TooOld(folder.Path, $"its version is {folder.Version}"));
                }
                LoadFrom(folder.Path);
                Loaded = folder;
                LoadTime = Stopwatch.GetElapsedTime(start);
                s_loaded = true;
                AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                {
                    s_ending = true;
                    // A finalizer that is already in native code must be able to leave it.
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
        if (TorchFiles.Platform.HasCuda(folder))
        {
            ProcessSettings.AllowTf32(s_tf32 == true);
        }
        TorchFiles files = TorchFiles.Platform;
        s_openMp = LoadFirst(folder, files.OpenMp);
        LoadOne(folder, files.Core);
        s_library = LoadOne(folder, files.Cpu);
        // Kernels for CUDA register themselves when their library is loaded.
        if (files.HasCuda(folder))
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
                throw new TorchException(TooOld(folder, $"the function {function} is missing"));
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
        TorchThreads.Find(s_library, s_openMp);
    }

    private static string TooOld(string folder, string why) =>
        $"libtorch in {folder} is too old: {why}. Lamina needs libtorch 2.10 or newer.";

    /// <summary>Loads one of libtorch's files.</summary>
    /// <exception cref="TorchException">The file cannot be loaded.</exception>
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
                $"libtorch in {folder} cannot be loaded: {file}: {reason} "
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
