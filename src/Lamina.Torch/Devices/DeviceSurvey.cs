namespace Lamina.Torch.Devices;

/// <summary>The devices of a machine and the libtorch that runs them.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="Cores">The number of processors that the program may use.</param>
/// <param name="Memory">The memory that the program may use, in bytes.</param>
/// <param name="Machine">The GPUs.</param>
/// <param name="Libtorch">The libtorch in use.</param>
/// <param name="Version">Its version.</param>
/// <param name="Installed">The installed PyTorch; <see langword="null"/> if there is none or another folder is required.</param>
internal sealed record DeviceSurvey(
    string Cpu,
    int Cores,
    long Memory,
    GpuSurvey Machine,
    LibtorchFolder Libtorch,
    string Version,
    LibtorchFolder? Installed
)
{
    /// <summary>The reason why no GPU can be used; <see langword="null"/> if one can.</summary>
    public string? Reason => GpuReason.Of(Machine, Libtorch, Installed);

    /// <summary>Surveys this machine. It loads libtorch, as a run on the best device would.</summary>
    /// <exception cref="TorchException">Libtorch cannot be found or loaded.</exception>
    public static DeviceSurvey Take()
    {
        LibtorchChoice choice = TorchLibrary.Choice;
        TorchLibrary.Require(ComputeDevices.Best());
        ulong abi = TorchLibrary.AbiVersion;
        LibtorchFolder loaded = TorchLibrary.Loaded!;
        return new DeviceSurvey(
            ProcessorName(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            CudaDriver.Machine,
            loaded,
            loaded.Version ?? FormattableString.Invariant($"{abi >> 56}.{(abi >> 48) & 0xff}"),
            choice.IsSet ? null : choice.Installed
        );
    }

    /// <summary>Returns the survey as text, a line for each device and library.</summary>
    public IEnumerable<string> Lines()
    {
        int width = Machine.Gpus.Count == 0 ? 3 : Machine.Gpus.Max(g => Name(g).Length);
        yield return FormattableString.Invariant(
            $"{"cpu".PadRight(width)}  {Cpu}, {Cores} {(Cores == 1 ? "core" : "cores")}, {Size(Memory)}"
        );
        foreach (GpuInfo gpu in Machine.Gpus)
        {
            string? fault = Libtorch.HasCuda ? GpuReason.OfIndex(gpu.Index, Machine, Libtorch) : null;
            yield return FormattableString.Invariant(
                $"{Name(gpu).PadRight(width)}  {gpu.Name}, compute capability {gpu.Capability}, {Size(gpu.Memory)}"
            ) + (fault is not null && Reason is null ? $": cannot be used: {fault}" : "");
        }
        yield return $"libtorch {Version} in {Libtorch.Path} ({Origin(Libtorch)}; {Kind(Libtorch)})";
        if (Installed is not null && Installed.Path != Libtorch.Path)
        {
            string fault = Installed.IsTooOld
                ? $"too old: {LibtorchFolder.Oldest} or newer is needed"
                : $"{Kind(Installed)}; set {TorchLibrary.FolderVariable} to use it";
            yield return $"PyTorch {Installed.Version ?? "of unknown version"} in {Installed.Path} ({fault})";
        }
        if (Reason is { } reason)
        {
            yield return $"No GPU can be used: {reason}";
        }
    }

    private static string Name(GpuInfo gpu) => Device.Cuda(gpu.Index).ToString();

    private static string Kind(LibtorchFolder folder) =>
        !folder.HasCuda ? "CPU only"
        : folder.Cuda is { } version ? $"CUDA {version}"
        : "CUDA";

    private static string Origin(LibtorchFolder folder) =>
        folder.Origin switch
        {
            LibtorchOrigin.Variable => $"from {TorchLibrary.FolderVariable}",
            LibtorchOrigin.PyTorch => "an installed PyTorch",
            _ => "of this program",
        };

    private static string Size(long bytes) => FormattableString.Invariant($"{bytes / (double)(1 << 30):F1} GiB");

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
