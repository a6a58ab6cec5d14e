namespace Lamina;

/// <summary>
/// An op that normalizes each channel (the last dimension). In training it uses the batch's mean and variance and
/// updates the stored averages: moving = moving · momentum + batch · (1 − momentum). In inference, or if the layer is
/// frozen, it uses the stored averages. Inputs: x (…, C); moving mean (C); moving variance (C); then gamma (C) if
/// <paramref name="HasScale"/>; then beta (C) if <paramref name="HasCenter"/>. Output: the shape of x.
/// </summary>
/// <param name="Momentum">The share of the old average that is kept, in [0, 1].</param>
/// <param name="Epsilon">The constant added to the variance.</param>
/// <param name="HasScale"><see langword="true"/> to multiply by gamma.</param>
/// <param name="HasCenter"><see langword="true"/> to add beta.</param>
/// <param name="UnbiasedMovingVariance">
/// <see langword="true"/> to update the moving variance by the Bessel-corrected (n − 1) batch variance, as Keras 2's
/// fused kernel and PyTorch do; Keras 3 uses the biased variance.
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
                    $"statistics {inputs[i]} do not match an input {x}. They need one value per channel."
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
    /// <param name="gamma">The scale, (C), or <see langword="null"/>.</param>
    /// <param name="beta">The shift, (C), or <see langword="null"/>.</param>
    /// <param name="momentum">The share of the old average that is kept.</param>
    /// <param name="epsilon">The constant added to the variance.</param>
    /// <param name="unbiasedMovingVariance">
    /// <see langword="true"/> for the rule of Keras 2 and PyTorch for the stored variance.
    /// </param>
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
