namespace Lamina;

/// <summary>
/// An op that cross-correlates images with kernels. Inputs: x (N, H, W, C); kernel (kh, kw, C / groups, filters);
/// optionally a bias (filters). Output: (N, H′, W′, filters), H′ = ⌊(H + top + bottom − (kh − 1)·dilation − 1) /
/// stride⌋ + 1.
/// </summary>
/// <param name="Strides">The distance between windows.</param>
/// <param name="Pads">The zeros added on each side.</param>
/// <param name="Dilation">The distance between the taps of a kernel.</param>
/// <param name="Groups">The number of channel groups that are convolved separately; divides C and filters.</param>
public sealed record ConvolutionOp(Size2 Strides, Pads2 Pads, Size2 Dilation, int Groups) : Op
{
    /// <inheritdoc/>
    public override string Name => "convolution";

    internal override (int Min, int Max) InputCount => (2, 3);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0].RequireImages(Name);
        Shape kernel = inputs[1];
        int channels = x[3]!.Value;
        int filters = kernel[3]!.Value;
        if (channels % Groups != 0 || filters % Groups != 0 || kernel[2] != channels / Groups)
        {
            throw new ShapeException(
                $"a kernel {kernel} in {Groups} group(s) does not match an input with {channels} channels. "
                    + "The kernel's third dimension must be channels / groups, and groups must divide channels and filters."
            );
        }
        Size2 window = (kernel[0]!.Value, kernel[1]!.Value);
        return Windows.OutputShape(x, window, Strides, Pads, Dilation).With(3, filters);
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="ConvolutionOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="kernel">The kernel, (kh, kw, C / groups, filters).</param>
    /// <param name="bias">The bias, (filters), or <see langword="null"/>.</param>
    /// <param name="strides">The distance between windows.</param>
    /// <param name="pads">The zeros added on each side.</param>
    /// <param name="dilation">The distance between the taps of a kernel.</param>
    /// <param name="groups">The number of channel groups that are convolved separately.</param>
    /// <exception cref="ShapeException">The kernel does not match the input.</exception>
    public static Symbol Convolution(
        Symbol x,
        Symbol kernel,
        Symbol? bias,
        Size2 strides,
        Pads2 pads,
        Size2 dilation,
        int groups = 1
    )
    {
        var op = new ConvolutionOp(strides, pads, dilation, groups);
        return bias is null ? Record(op, x, kernel) : Record(op, x, kernel, bias);
    }
}
