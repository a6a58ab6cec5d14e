using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A loss that is the mean of (output − target)² over all elements. Targets have as many elements as the output.
/// </summary>
public sealed class MeanSquaredError() : Loss(Key)
{
    internal const string Key = "mean_squared_error";

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        return LossOps.MeanOfLast(Ops.Square(output - LossOps.Aligned(Name, target, output)));
    }

    internal override bool IsFused => true;

    internal override double Compute(
        Tensor output,
        NDArray target,
        bool isLogits,
        Span<float> gradient,
        ReadOnlySpan<float> weights = default
    )
    {
        if (target.Shape.ElementCount != output.Count)
        {
            throw WrongTarget(Name, target, output, "as many elements as the output has");
        }
        ReadOnlySpan<float> y = output.AsSpan();
        ReadOnlySpan<float> t = target.Values;
        int size = y.Length / Math.Max(1, weights.Length);
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double d = (double)y[i] - t[i];
            double weight = weights.IsEmpty ? 1 : weights[i / size];
            sum += weight * d * d;
            if (!gradient.IsEmpty)
            {
                gradient[i] = (float)(2 * weight * d / y.Length);
            }
        }
        return sum / y.Length;
    }

    private protected override void Write(JsonObject config) { }
}
