namespace Lamina.Runs.Transfer;

/// <summary>The features of some images in one or two views: as they are, and mirrored.</summary>
/// <param name="Views">For each view (images, …). Several values of an image are one row, each after the other.</param>
/// <param name="Labels">(images, 1): class indices.</param>
internal sealed record FeatureSet(IReadOnlyList<NDArray> Views, NDArray Labels)
{
    /// <summary>The shapes of an image's values, (None, …) each.</summary>
    public IReadOnlyList<Shape> Shapes { get; init; } = [Views[0].Shape];

    /// <summary>The number of images that could be read.</summary>
    public int Count => Labels.Count;

    /// <summary>The features of the images that are not mirrored, one row per image.</summary>
    public NDArray Rows
    {
        get
        {
            NDArray plain = Views[0];
            return new NDArray(Shape.Of(Count, (int)plain.Shape.SampleCount!), plain.Values.ToArray());
        }
    }
}
