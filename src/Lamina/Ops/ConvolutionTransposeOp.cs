namespace Lamina;

/// <summary>
/// An op that transposes a convolution: its gradient by its input, which enlarges images. Inputs: x (N, H, W, C);
/// kernel (kh, kw, filters, C); optionally a bias (filters). Output: (N, H′, W′, filters), H′ = (H − 1) · stride +
/// (kh − 1) · dilation + 1 − top − bottom.
/// </summary>
/// <param name="Strides">The distance between the windows of neighboring input pixels.</param>
/// <param name="Crops">
/// The pixels cut from each side of the full output. Below and to the right they may be negative, which adds pixels
/// without any window.
/// </param>
/// <param name="Dilation">The distance between the taps of a kernel.</param>
public sealed record ConvolutionTransposeOp(Size2 Strides, Pads2 Crops, Size2 Dilation) : Op
{
    /// <inheritdoc/>
    public override string Name => "convolution_transpose";

    internal override (int Min, int Max) InputCount => (2, 3);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0].RequireImages(Name);
        Shape kernel = inputs[1];
        if (kernel.Rank != 4 || kernel[3] != x[3])
        {
            throw new ShapeException(
                $"a kernel {kernel} does not match an input with {x[3]} channels, its last dimension."
            );
        }
        int height = Full(x[1]!.Value, kernel[0]!.Value, Strides.Height, Dilation.Height) - Crops.Top - Crops.Bottom;
        int width = Full(x[2]!.Value, kernel[1]!.Value, Strides.Width, Dilation.Width) - Crops.Left - Crops.Right;
        return height >= 1 && width >= 1
            ? x.With(1, height).With(2, width).With(3, kernel[2]!.Value)
            : throw new ShapeException(
                $"crops {Crops} leave nothing of the output of {x}. Use a larger Input or kernel."
            );
    }

    private static int Full(int n, int window, int stride, int dilation) =>
        checked(((n - 1) * stride) + ((window - 1) * dilation) + 1);
}

public static partial class Ops
{
    /// <inheritdoc cref="ConvolutionTransposeOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="kernel">The kernel, (kh, kw, filters, C).</param>
    /// <param name="bias">The bias, (filters), or <see langword="null"/>.</param>
    /// <param name="strides">The distance between the windows of neighboring input pixels.</param>
    /// <param name="crops">The pixels cut from each side; below and to the right, negative numbers add pixels.</param>
    /// <param name="dilation">The distance between the taps of a kernel.</param>
    /// <exception cref="ShapeException">The kernel does not match the input.</exception>
    public static Symbol ConvolutionTranspose(
        Symbol x,
        Symbol kernel,
        Symbol? bias,
        Size2 strides,
        Pads2 crops,
        Size2 dilation
    )
    {
        var op = new ConvolutionTransposeOp(strides, crops, dilation);
        return bias is null ? Record(op, x, kernel) : Record(op, x, kernel, bias);
    }
}
