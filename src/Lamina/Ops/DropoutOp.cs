namespace Lamina;

/// <summary>
/// In training, zeroes each element with probability <paramref name="Rate"/> and divides the others by 1 − rate; in
/// inference, the identity. Input and output: any shape. The mask comes from Lamina's own generator, keyed by the
/// run's seed, the step and the op's place in the plan.
/// </summary>
/// <param name="Rate">The share that is dropped, from 0 to below 1.</param>
/// <param name="Seed">A seed of its own that replaces the run's; <see langword="null"/> for the run's.</param>
public sealed record DropoutOp(double Rate, int? Seed) : Op
{
    /// <inheritdoc/>
    public override string Name => "dropout";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}

public static partial class Ops
{
    /// <inheritdoc cref="DropoutOp"/>
    /// <param name="x">The input, any shape.</param>
    /// <param name="rate">The share that is dropped, from 0 to below 1.</param>
    /// <param name="seed">A seed of its own; <see langword="null"/> for the run's.</param>
    public static Symbol Dropout(Symbol x, double rate, int? seed = null) =>
        rate is >= 0 and < 1
            ? Record(new DropoutOp(rate, seed), x)
            : throw new ArgumentOutOfRangeException(nameof(rate), $"rate is {rate}; it must be from 0 to below 1.");
}
