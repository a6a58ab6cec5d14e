namespace Lamina;

/// <summary>The values beyond the borders of an image.</summary>
public enum FillMode
{
    /// <summary>One number.</summary>
    Constant,

    /// <summary>The nearest pixel of the image.</summary>
    Nearest,

    /// <summary>The image mirrored at its edges: (d c b a | a b c d | d c b a).</summary>
    Reflect,

    /// <summary>The image repeated: (a b c d | a b c d | a b c d).</summary>
    Wrap,
}

/// <summary>
/// An op that reads images at points between their pixels. Inputs: x (N, H, W, C); points (N, H′, W′, 2), each a row and
/// a column, where whole numbers are the centers of pixels. Output: (N, H′, W′, C). Gradients flow to the images, not to
/// the points.
/// </summary>
/// <param name="Fill">The values beyond the borders.</param>
/// <param name="FillValue">The number for <see cref="FillMode.Constant"/>.</param>
/// <param name="IsNearest">
/// <see langword="true"/> to return the nearest pixel (⌊x + ½⌋); <see langword="false"/> for bilinear interpolation.
/// </param>
public sealed record SampleOp(FillMode Fill, double FillValue, bool IsNearest) : Op
{
    /// <inheritdoc/>
    public override string Name => "sample";

    internal override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0].RequireImages(Name);
        Shape points = inputs[1];
        return points.Rank == 4 && points[3] == 2 && points[0] == x[0]
            ? x.With(1, points[1]!.Value).With(2, points[2]!.Value)
            : throw new ShapeException($"sample needs points (batch, rows, columns, 2) for {x}, got {points}.");
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="SampleOp"/>
    /// <param name="x">The images, (N, H, W, C).</param>
    /// <param name="points">The rows and columns, (N, H′, W′, 2).</param>
    /// <param name="fill">The values beyond the borders.</param>
    /// <param name="fillValue">The number for <see cref="FillMode.Constant"/>.</param>
    /// <param name="nearest"><see langword="true"/> for the nearest pixel, else bilinear interpolation.</param>
    public static Symbol Sample(
        Symbol x,
        Symbol points,
        FillMode fill = FillMode.Constant,
        double fillValue = 0,
        bool nearest = false
    ) => Record(new SampleOp(fill, fillValue, nearest), x, points);
}
