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
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        Symbol squares = Ops.Square(output - target);
        return output.Shape.Rank == 1 ? squares : Ops.Sum(squares, [-1]) / output.Shape[^1]!.Value;
    }

    internal override bool IsFused => true;

    internal override double Compute(Tensor output, NDArray target, bool isLogits, Span<float> gradient)
    {
        if (target.Shape.ElementCount != output.Count)
        {
            throw WrongTarget(Name, target, output, "as many elements as the output has");
        }
        ReadOnlySpan<float> y = output.AsSpan();
        ReadOnlySpan<float> t = target.Values;
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double d = (double)y[i] - t[i];
            sum += d * d;
            if (!gradient.IsEmpty)
            {
                gradient[i] = (float)(2 * d / y.Length);
            }
        }
        return sum / y.Length;
    }

    private protected override void Write(JsonObject config) { }
}
