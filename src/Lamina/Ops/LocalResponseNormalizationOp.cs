namespace Lamina;

/// <summary>
/// An op with the paper's normalization across channels (section 3.3): b = a / (k + alpha · Σ a²)^beta. The sum is over
/// <paramref name="Size"/> neighboring channels centered on each. Alpha is *not* divided by the size. Input and output:
/// (N, H, W, C).
/// </summary>
/// <param name="Size">The number of channels in a sum, odd (n in the paper).</param>
/// <param name="Alpha">
/// The factor of the sum, as in the paper and TensorFlow; in PyTorch and Caffe it is alpha / size.
/// </param>
/// <param name="Beta">The exponent.</param>
/// <param name="K">The added constant (TensorFlow's bias).</param>
public sealed record LocalResponseNormalizationOp(int Size, double Alpha, double Beta, double K) : Op
{
    /// <inheritdoc/>
    public override string Name => "local_response_normalization";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0].RequireImages(Name);
}

public static partial class Ops
{
    /// <inheritdoc cref="LocalResponseNormalizationOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="size">The number of channels in a sum, odd.</param>
    /// <param name="alpha">The factor of the sum, not divided by the size.</param>
    /// <param name="beta">The exponent.</param>
    /// <param name="k">The added constant.</param>
    public static Symbol LocalResponseNormalization(Symbol x, int size, double alpha, double beta, double k) =>
        size > 0 && size % 2 == 1
            ? Record(new LocalResponseNormalizationOp(size, alpha, beta, k), x)
            : throw new ArgumentOutOfRangeException(nameof(size), $"size is {size}; it must be odd and positive.");
}
