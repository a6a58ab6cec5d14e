namespace Lamina.Torch;

/// <summary>The kinds of things that a plan does.</summary>
internal enum PlanActionKind
{
    /// <summary>A step runs forward.</summary>
    Forward,

    /// <summary>The targets are handed out.</summary>
    Deliver,

    /// <summary>A step runs forward again, for the backward that follows.</summary>
    Again,

    /// <summary>A step runs backward.</summary>
    Backward,
}

/// <summary>One thing that a plan does, with what dies by it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Step">Whose place among the steps; −1 for <see cref="PlanActionKind.Deliver"/>.</param>
internal sealed record PlanAction(PlanActionKind Kind, int Step)
{
    /// <summary>Values that nothing needs afterwards.</summary>
    public int[] Free { get; init; } = [];

    /// <summary>Whether what the kernel keeps for backward is dropped, since forward runs again before that.</summary>
    public bool Release { get; init; }

    /// <summary>Whether the value is there already: only what the kernel keeps is wanted.</summary>
    public bool DropsOutput { get; init; }
}
