namespace Lamina;

/// <summary>The parts of a step of training; inference has the first two.</summary>
public enum StepPart
{
    /// <summary>The batch is copied into the engine's memory.</summary>
    Feed,

    /// <summary>An op's forward.</summary>
    Forward,

    /// <summary>The loss, its gradient and the metrics.</summary>
    Loss,

    /// <summary>An op's forward again, for the backward that follows, where activations are not kept.</summary>
    Recompute,

    /// <summary>An op's backward: the gradients of what it reads.</summary>
    Backward,

    /// <summary>The optimizer moves a weight.</summary>
    Update,
}
