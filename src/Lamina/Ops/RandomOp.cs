namespace Lamina;

/// <summary>The distributions of random values.</summary>
public enum RandomKind
{
    /// <summary>Evenly distributed between two numbers; the second is excluded.</summary>
    Uniform,

    /// <summary>Normally distributed with a mean and a standard deviation.</summary>
    Normal,
}

/// <summary>
/// An op that in training draws random values for each sample. In inference all values are the mean of the
/// distribution. No gradient. Input: (N, …), of which only the batch size is used. Output: (N, sample). The values come
/// from Lamina's own generator, keyed by the run's seed, the step and the op's position in the plan.
/// </summary>
/// <param name="Kind">The distribution.</param>
/// <param name="Sample">The shape of the values of one sample.</param>
/// <param name="A">The lower bound, or the mean.</param>
/// <param name="B">The upper bound, or the standard deviation.</param>
/// <param name="Seed">The op's own seed; <see langword="null"/> for the run's seed.</param>
public sealed record RandomOp(RandomKind Kind, Shape Sample, double A, double B, int? Seed) : Op
{
    /// <inheritdoc/>
    public override string Name => $"random_{OpNames.SnakeCase(Kind)}";

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    /// <summary>The mean of the distribution.</summary>
    public double Mean => Kind == RandomKind.Normal ? A : (A + B) / 2;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].Rank >= 1
            ? Sample.Batched(inputs[0][0])
            : throw new ShapeException($"{Name} needs a batch, got {inputs[0]}.");
}

public static partial class Ops
{
    /// <summary>
    /// Returns evenly distributed random values for each sample, in training; their mean in inference. No gradient flows
    /// through them.
    /// </summary>
    /// <param name="x">A tensor with the batch, (N, …).</param>
    /// <param name="sample">The shape of the values of one sample.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The bound above, excluded.</param>
    /// <param name="seed">The op's own seed; <see langword="null"/> for the run's seed.</param>
    public static Symbol RandomUniform(Symbol x, Shape sample, double low, double high, int? seed = null) =>
        Record(new RandomOp(RandomKind.Uniform, sample, low, high, seed), x);

    /// <summary>
    /// Returns normally distributed random values for each sample, in training; their mean in inference. No gradient
    /// flows through them.
    /// </summary>
    /// <param name="x">A tensor with the batch, (N, …).</param>
    /// <param name="sample">The shape of the values of one sample.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="stddev">The standard deviation.</param>
    /// <param name="seed">The op's own seed; <see langword="null"/> for the run's seed.</param>
    public static Symbol RandomNormal(Symbol x, Shape sample, double mean, double stddev, int? seed = null) =>
        Record(new RandomOp(RandomKind.Normal, sample, mean, stddev, seed), x);
}
