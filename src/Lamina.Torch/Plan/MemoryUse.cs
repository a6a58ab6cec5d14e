namespace Lamina;

/// <summary>
/// The memory of a training step or of inference in bytes, computed from the plan: what every tensor takes, from the action
/// that makes it to the last that reads it. What the process itself and libtorch's own buffers take comes on top.
/// </summary>
public sealed record MemoryUse
{
    /// <summary>The batch size.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The weights, with moving statistics and their copies for a step that comes to nothing.</summary>
    public required long Weights { get; init; }

    /// <summary>
    /// The gradients of all trained weights together. The plan updates each weight as soon as its gradient is final and frees
    /// it then, so that they never exist all at once.
    /// </summary>
    public required long Gradients { get; init; }

    /// <summary>What the optimizer keeps.</summary>
    public required long OptimizerState { get; init; }

    /// <summary>
    /// What backward needs of forward, at its beginning: the batch, layers' outputs, where maxima were, batch statistics.
    /// </summary>
    public required long Activations { get; init; }

    /// <summary>The most that one kernel makes: its results and temporaries.</summary>
    public required long Workspace { get; init; }

    /// <summary>The most that exists at once.</summary>
    public required long Peak { get; init; }

    /// <summary>When that is, as in "backward of batch_normalization".</summary>
    public required string PeakAt { get; init; }

    /// <summary>
    /// What a step would take that kept all gradients until its end: weights, gradients, optimizer state, activations and
    /// workspace.
    /// </summary>
    public long Sum => Weights + Gradients + OptimizerState + Activations + Workspace;
}
