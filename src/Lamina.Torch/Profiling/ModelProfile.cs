namespace Lamina;

/// <summary>What each kernel of a model's step takes, beside what the machine does at best.</summary>
public sealed record ModelProfile
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The batch size.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether the step is one of training.</summary>
    public required bool Training { get; init; }

    /// <summary>How many threads an op uses.</summary>
    public required int Threads { get; init; }

    /// <summary>How many steps were timed.</summary>
    public required int Rounds { get; init; }

    /// <summary>The kernels in the order in which they ran.</summary>
    public required IReadOnlyList<KernelTime> Kernels { get; init; }

    /// <summary>The whole step: its median.</summary>
    public required TimeSpan Step { get; init; }

    /// <summary>A quarter of the steps took less than this.</summary>
    public required TimeSpan LowerQuartile { get; init; }

    /// <summary>A quarter of the steps took longer than this.</summary>
    public required TimeSpan UpperQuartile { get; init; }

    /// <summary>What the machine did at best, measured between the steps.</summary>
    public required MachineSpeed Machine { get; init; }

    /// <summary>The step's memory, as the plan computes it.</summary>
    public required MemoryUse Memory { get; init; }

    /// <summary>The most bytes that the model's tensors took at once in a step, counted while it ran.</summary>
    public required long PeakTensorBytes { get; init; }

    /// <summary>
    /// The most memory that the process has had resident until then: the tensors, libtorch's code and own buffers, and what
    /// else it does.
    /// </summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>Direct floating-point operations of the step.</summary>
    public long Flops => Kernels.Sum(k => k.Flops);

    /// <summary>Bytes that the kernels read and write.</summary>
    public long Bytes => Kernels.Sum(k => k.Bytes);

    /// <summary>What the step takes beside its kernels.</summary>
    public TimeSpan Rest => Step - new TimeSpan(Kernels.Sum(k => k.Time.Ticks));

    /// <summary>A kernel's share of the step, 0 to 1.</summary>
    public double ShareOf(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return Step > TimeSpan.Zero ? kernel.Time / Step : 0;
    }

    /// <summary>
    /// How near a kernel comes to the limit that binds it, arithmetic or memory: 1 is a large matrix product's rate or a
    /// copy's. A better algorithm than the direct one, or data that is in the caches, can exceed it.
    /// </summary>
    public double PeakShareOf(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Time > TimeSpan.Zero ? Machine.LeastTime(kernel.Flops, kernel.Bytes) / kernel.Time : 0;
    }

    /// <summary>Whether arithmetic is the limit that binds a kernel; else memory is.</summary>
    public bool IsBoundByArithmetic(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Flops / Machine.FlopsPerSecond >= kernel.Bytes / Machine.BytesPerSecond;
    }

    /// <summary>The profile as a table, a line a kernel.</summary>
    public override string ToString() => ProfileText.Write(this);
}
