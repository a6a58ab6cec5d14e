namespace Lamina;

/// <summary>The options of <see cref="Gradients"/>.</summary>
public sealed record GradientOptions
{
    /// <summary>
    /// The inputs of the function, in the order of its arguments. Default: all inputs that the loss depends on, in the
    /// order in which it reads them.
    /// </summary>
    public IReadOnlyList<Symbol>? Inputs { get; init; }

    /// <summary>Further symbols whose values the function returns. Default: none.</summary>
    public IReadOnlyList<Symbol> Values { get; init; } = [];

    /// <summary>
    /// <see langword="true"/> if layers behave as in training: dropout drops, and batch normalization uses the batch and
    /// updates its moving averages. Default: <see langword="false"/>.
    /// </summary>
    public bool Training { get; init; }

    /// <summary>The seed of dropout, with <see cref="Training"/>. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>The rule of ReLUs. Default: <see cref="ReluRule.Derivative"/>.</summary>
    public ReluRule ReluRule { get; init; }

    /// <summary>The device that computes. Default: <see cref="Device.Cpu"/>.</summary>
    public Device Device { get; init; }
}
