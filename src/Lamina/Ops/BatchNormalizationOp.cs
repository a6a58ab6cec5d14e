namespace Lamina;

/// <summary>
/// Normalises each channel (the last dimension). In training by the batch's mean and variance, moving the stored
/// averages: moving = moving · momentum + batch · (1 − momentum); in inference, or when the layer is frozen, by the
/// stored averages. Inputs: x (…, C); moving mean (C); moving variance (C); then gamma (C) if
/// <paramref name="HasScale"/>; then beta (C) if <paramref name="HasCenter"/>. Output: x's shape.
/// </summary>
/// <param name="Momentum">Share of the old average that is kept, 0 to 1.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="HasScale">Whether a gamma multiplies.</param>
/// <param name="HasCenter">Whether a beta is added.</param>
/// <param name="UnbiasedMovingVariance">
/// Whether the moving variance takes the Bessel-corrected (n − 1) batch variance, as Keras 2's fused kernel and PyTorch
/// do; Keras 3 takes the biased one.
/// </param>
public sealed record BatchNormalizationOp(
    double Momentum,
    double Epsilon,
    bool HasScale,
    bool HasCenter,
    bool UnbiasedMovingVariance
) : Op
{
    /// <inheritdoc/>
    public override string Name => "batch_normalization";

    internal override (int Min, int Max) InputCount => (3, 5);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
        {
            if (x.Rank < 2 || inputs[i].Rank != 1 || inputs[i][0] != x[^1])
            {
                throw new ShapeException(
                    $"statistics {inputs[i]} do not fit an input {x}: one value a channel is needed."
                );
            }
        }
        return x;
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="BatchNormalizationOp"/>
    /// <param name="x">The input, (…, C).</param>
    /// <param name="movingMean">The stored mean, (C), updated in training.</param>
    /// <param name="movingVariance">The stored variance, (C), updated in training.</param>
    /// <param name="gamma">The scale, (C), or none.</param>
    /// <param name="beta">The shift, (C), or none.</param>
    /// <param name="momentum">Share of the old average that is kept.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="unbiasedMovingVariance">Keras 2's and PyTorch's rule for the stored variance.</param>
    public static Symbol BatchNormalization(
        Symbol x,
        Weight movingMean,
        Weight movingVariance,
        Weight? gamma,
        Weight? beta,
        double momentum,
        double epsilon,
        bool unbiasedMovingVariance = true
    )
    {
        ArgumentNullException.ThrowIfNull(movingMean);
        ArgumentNullException.ThrowIfNull(movingVariance);
        List<Symbol> inputs = [x, movingMean.Symbol, movingVariance.Symbol];
        if (gamma is not null)
        {
            inputs.Add(gamma.Symbol);
        }
        if (beta is not null)
        {
            inputs.Add(beta.Symbol);
        }
        var op = new BatchNormalizationOp(
            momentum,
            epsilon,
            gamma is not null,
            beta is not null,
            unbiasedMovingVariance
        );
        return Record(op, [.. inputs]);
    }
}
