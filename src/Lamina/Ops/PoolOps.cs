namespace Lamina;

/// <summary>
/// An op that takes the maximum of each window of each channel. Input and output: (N, H, W, C). Padding counts as −∞.
/// </summary>
/// <param name="Window">The height and width of the window.</param>
/// <param name="Strides">
/// The distance between windows. Windows overlap if it is below the window's size (paper, section 3.4).
/// </param>
/// <param name="Pads">The pixels of −∞ on each side; each below the window's size.</param>
public sealed record MaxPoolOp(Size2 Window, Size2 Strides, Pads2 Pads) : Op
{
    /// <inheritdoc/>
    public override string Name => "max_pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Windows.OutputShape(inputs[0].RequireImages(Name), Window, Strides, Pads, Size2.One);
}

/// <summary>
/// An op that averages each window of each channel. Input and output: (N, H, W, C). Padding is excluded from the mean,
/// as in Keras.
/// </summary>
/// <param name="Window">The height and width of the window.</param>
/// <param name="Strides">The distance between windows.</param>
/// <param name="Pads">The pixels on each side; each below the window's size.</param>
public sealed record AveragePoolOp(Size2 Window, Size2 Strides, Pads2 Pads) : Op
{
    /// <inheritdoc/>
    public override string Name => "average_pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Windows.OutputShape(inputs[0].RequireImages(Name), Window, Strides, Pads, Size2.One);
}

/// <summary>
/// An op that averages over windows that divide an image into a fixed number of rows and columns, like PyTorch's
/// adaptive_avg_pool2d. For n pixels and m windows, window i covers ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉, so that windows
/// overlap if m does not divide n. Input: (N, H, W, C). Output: (N, rows, columns, C).
/// </summary>
/// <param name="Output">
/// The rows and columns of the output, at least 1; more than the image has is allowed and repeats pixels.
/// </param>
public sealed record AdaptiveAveragePoolOp(Size2 Output) : Op
{
    /// <inheritdoc/>
    public override string Name => "adaptive_average_pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].RequireImages(Name).With(1, Output.Height).With(2, Output.Width);
}

public static partial class Ops
{
    /// <inheritdoc cref="AdaptiveAveragePoolOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="output">The rows and columns of the output, at least 1.</param>
    public static Symbol AdaptiveAveragePool(Symbol x, Size2 output) => Record(new AdaptiveAveragePoolOp(output), x);

    /// <inheritdoc cref="MaxPoolOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="window">The height and width of the window.</param>
    /// <param name="strides">The distance between windows.</param>
    /// <param name="pads">The pixels of −∞ on each side.</param>
    public static Symbol MaxPool(Symbol x, Size2 window, Size2 strides, Pads2 pads = default) =>
        Record(new MaxPoolOp(window, strides, pads), x);

    /// <inheritdoc cref="AveragePoolOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="window">The height and width of the window.</param>
    /// <param name="strides">The distance between windows.</param>
    /// <param name="pads">The pixels on each side, excluded from the mean.</param>
    public static Symbol AveragePool(Symbol x, Size2 window, Size2 strides, Pads2 pads = default) =>
        Record(new AveragePoolOp(window, strides, pads), x);
}
