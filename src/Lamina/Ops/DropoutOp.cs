namespace Lamina;

/// <summary>
/// An op that in training zeroes each element with probability <paramref name="Rate"/> and divides the others by 1 −
/// rate. In inference it is the identity. Input and output: any shape. The mask comes from Lamina's own generator,
/// keyed by the run's seed, the step and the op's position in the plan. A second input, the output of another dropout,
/// repeats that one's mask; its values are not read.
/// </summary>
/// <param name="Rate">The probability, in [0, 1).</param>
/// <param name="Seed">The op's own seed; <see langword="null"/> for the run's seed.</param>
public sealed record DropoutOp(double Rate, int? Seed) : Op
{
    /// <inheritdoc/>
    public override string Name => "dropout";

    internal override (int Min, int Max) InputCount => (1, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}

public static partial class Ops
{
    /// <inheritdoc cref="DropoutOp"/>
    /// <param name="x">The input, any shape.</param>
    /// <param name="rate">The probability, in [0, 1).</param>
    /// <param name="seed">The op's own seed; <see langword="null"/> for the run's seed.</param>
    public static Symbol Dropout(Symbol x, double rate, int? seed = null) =>
        rate is >= 0 and < 1
            ? Record(new DropoutOp(rate, seed), x)
            : throw new ArgumentOutOfRangeException(nameof(rate), $"rate is {rate}; it must be from 0 to below 1.");
}
