namespace Lamina;

/// <summary>
/// The largest value of each window and channel. Input and output: (N, H, W, C). Padding counts as −∞.
/// </summary>
/// <param name="Window">The window's extent.</param>
/// <param name="Strides">Distance between windows; below the window's extent, windows overlap (paper, section 3.4).</param>
/// <param name="Pads">Pixels of −∞ on each side; each below the window's extent.</param>
public sealed record MaxPoolOp(Size2 Window, Size2 Strides, Pads2 Pads) : Op
{
    /// <inheritdoc/>
    public override string Name => "max_pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Windows.OutputShape(inputs[0].RequireImages(Name), Window, Strides, Pads, Size2.One);
}

/// <summary>
/// The mean of each window and channel. Input and output: (N, H, W, C). Padding is left out of the mean, as in Keras.
/// </summary>
/// <param name="Window">The window's extent.</param>
/// <param name="Strides">Distance between windows.</param>
/// <param name="Pads">Pixels on each side; each below the window's extent.</param>
public sealed record AveragePoolOp(Size2 Window, Size2 Strides, Pads2 Pads) : Op
{
    /// <inheritdoc/>
    public override string Name => "average_pool";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Windows.OutputShape(inputs[0].RequireImages(Name), Window, Strides, Pads, Size2.One);
}

/// <summary>
/// Means over windows that divide an image into so many rows and columns, as PyTorch's adaptive_avg_pool2d: of n pixels,
/// window i of m covers ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉, so that windows overlap where m does not divide n. Input:
/// (N, H, W, C). Output: (N, rows, columns, C).
/// </summary>
/// <param name="Output">The output's extent, at least 1; larger than the image's is allowed and repeats pixels.</param>
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
    /// <param name="output">The output's extent, at least 1.</param>
    public static Symbol AdaptiveAveragePool(Symbol x, Size2 output) => Record(new AdaptiveAveragePoolOp(output), x);

    /// <inheritdoc cref="MaxPoolOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="window">The window's extent.</param>
    /// <param name="strides">Distance between windows.</param>
    /// <param name="pads">Pixels of −∞ on each side.</param>
    public static Symbol MaxPool(Symbol x, Size2 window, Size2 strides, Pads2 pads = default) =>
        Record(new MaxPoolOp(window, strides, pads), x);

    /// <inheritdoc cref="AveragePoolOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="window">The window's extent.</param>
    /// <param name="strides">Distance between windows.</param>
    /// <param name="pads">Pixels on each side, left out of the mean.</param>
    public static Symbol AveragePool(Symbol x, Size2 window, Size2 strides, Pads2 pads = default) =>
        Record(new AveragePoolOp(window, strides, pads), x);
}
