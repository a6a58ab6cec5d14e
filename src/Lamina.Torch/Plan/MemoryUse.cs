namespace Lamina;

/// <summary>
/// The memory of a training step or of inference in bytes, computed from the plan: the size of every tensor, from the
/// action that creates it to the last that reads it. The memory of the process itself and libtorch's own buffers are
/// not included.
/// </summary>
public sealed record MemoryUse
{
    /// <summary>The batch size.</summary>
    public required int BatchSize { get; init; }

    /// <summary>
    /// The size of the weights, with moving statistics and their copies for failed steps, or in inference the packed copies of
    /// kernels.
    /// </summary>
    public required long Weights { get; init; }

    /// <summary>
    /// The size of the gradients of all trained weights together. The plan updates each weight as soon as its gradient
    /// is final and then frees it, so they never exist all at once.
    /// </summary>
    public required long Gradients { get; init; }

    /// <summary>The size of the optimizer's state.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>
    /// The size of what backward needs of forward, at its beginning: the batch, layers' outputs, positions of maxima,
    /// batch statistics.
    /// </summary>
    public required long Activations { get; init; }

    /// <summary>The maximum that one kernel allocates: its results and temporaries.</summary>
    public required long Workspace { get; init; }

    /// <summary>The maximum that exists at once.</summary>
    public required long Peak { get; init; }

    /// <summary>The moment of the peak, such as "backward of batch_normalization".</summary>
    public required string PeakAt { get; init; }

    /// <summary>
    /// The memory of a step that kept all gradients until its end: weights, gradients, optimizer state, activations and
    /// workspace.
    /// </summary>
    public long Sum => Weights + Gradients + OptimizerState + Activations + Workspace;
}
