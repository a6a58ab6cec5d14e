using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>The mean of (output − target)², over all elements. Targets have as many elements as the output.</summary>
public sealed class MeanSquaredError() : Loss(Key)
{
    internal const string Key = "mean_squared_error";

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
