namespace Lamina.Torch;

/// <summary>The kinds of actions of a plan.</summary>
internal enum PlanActionKind
{
    /// <summary>A step runs forward.</summary>
    Forward,

    /// <summary>The results are handed over.</summary>
    Deliver,

    /// <summary>A step runs forward again, for the backward pass that follows.</summary>
    Recompute,

    /// <summary>A step runs backward.</summary>
    Backward,
}

/// <summary>An action of a plan, with the values that end with it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Step">The index of its step; −1 for <see cref="PlanActionKind.Deliver"/>.</param>
internal sealed record PlanAction(PlanActionKind Kind, int Step)
{
    /// <summary>The values that are not needed afterwards.</summary>
    public int[] Free { get; init; } = [];

    /// <summary>
    /// <see langword="true"/> to drop what the kernel keeps for backward, because forward runs again before that.
    /// </summary>
    public bool Release { get; init; }

    /// <summary>
    /// <see langword="true"/> if the value exists already and only the kernel's kept state is needed.
    /// </summary>
    public bool DropsOutput { get; init; }
}
