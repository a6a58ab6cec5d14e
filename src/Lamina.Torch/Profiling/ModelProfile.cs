namespace Lamina;

/// <summary>The cost of each kernel of a model's step, with the machine's peak rates.</summary>
public sealed record ModelProfile
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The batch size.</summary>
    public required int BatchSize { get; init; }

    /// <summary><see langword="true"/> for a training step; <see langword="false"/> for inference.</summary>
    public required bool Training { get; init; }

    /// <summary>The number of threads of an op.</summary>
    public required int Threads { get; init; }

    /// <summary>The number of steps that were timed.</summary>
    public required int Rounds { get; init; }

    /// <summary>
    /// The number of the engine's own loops per step that were shared out to several threads: each wakes them and waits
    /// for the last of them.
    /// </summary>
    public double ParallelLoops { get; init; }

    /// <summary>
    /// The share of the threads' time, 0 to 1, in which they do not compute. Outside of the engine's own loops one thread
    /// is counted, although libtorch may use more there.
    /// </summary>
    public double IdleShare { get; init; }

    /// <summary>The kernels in the order in which they ran.</summary>
    public required IReadOnlyList<KernelTime> Kernels { get; init; }

    /// <summary>The median time of the whole step.</summary>
    public required TimeSpan Step { get; init; }

    /// <summary>The lower quartile of the step's time.</summary>
    public required TimeSpan LowerQuartile { get; init; }

    /// <summary>The upper quartile of the step's time.</summary>
    public required TimeSpan UpperQuartile { get; init; }

    /// <summary>The machine's peak rates, measured between the steps.</summary>
    public required MachineSpeed Machine { get; init; }

    /// <summary>The step's memory, as the plan computes it.</summary>
    public required MemoryUse Memory { get; init; }

    /// <summary>The maximum bytes of the model's tensors at once in a step, counted while it ran.</summary>
    public required long PeakTensorBytes { get; init; }

    /// <summary>
    /// The peak resident memory of the process so far: the tensors, libtorch's code and own buffers, and everything
    /// else.
    /// </summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>The direct floating-point operations of the step.</summary>
    public long Flops => Kernels.Sum(k => k.Flops);

    /// <summary>The bytes that the kernels read and write.</summary>
    public long Bytes => Kernels.Sum(k => k.Bytes);

    /// <summary>The time of the step outside of its kernels.</summary>
    public TimeSpan Rest => Step - new TimeSpan(Kernels.Sum(k => k.Time.Ticks));

    /// <summary>Returns a kernel's share of the step, from 0 to 1.</summary>
    public double ShareOf(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return Step > TimeSpan.Zero ? kernel.Time / Step : 0;
    }

    /// <summary>
    /// Returns how close a kernel comes to the limit that binds it, arithmetic or memory: 1 is the rate of a large
    /// matrix product or of a copy. A better algorithm than the direct one, or data in the caches, can exceed it.
    /// </summary>
    public double PeakShareOf(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Time > TimeSpan.Zero ? Machine.LeastTime(kernel.Flops, kernel.Bytes) / kernel.Time : 0;
    }

    /// <summary>
    /// Returns <see langword="true"/> if arithmetic is the limit that binds a kernel; <see langword="false"/> if memory
    /// is.
    /// </summary>
    public bool IsBoundByArithmetic(KernelTime kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return kernel.Flops / Machine.FlopsPerSecond >= kernel.Bytes / Machine.BytesPerSecond;
    }

    /// <summary>Returns the profile as a table, one line per kernel.</summary>
    public override string ToString() => ProfileText.Write(this);
}
