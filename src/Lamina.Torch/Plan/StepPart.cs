namespace Lamina;

/// <summary>The parts of a training step; inference has the first two.</summary>
public enum StepPart
{
    /// <summary>The batch is copied into the engine's memory.</summary>
    Feed,

    /// <summary>The forward pass of an op.</summary>
    Forward,

    /// <summary>The loss, its gradient and the metrics.</summary>
    Loss,

    /// <summary>The repeated forward pass of an op, before its backward, if activations are not kept.</summary>
    Recompute,

    /// <summary>The backward pass of an op: the gradients of its inputs.</summary>
    Backward,

    /// <summary>The optimizer updates a weight.</summary>
    Update,
}
