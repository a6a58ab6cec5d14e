namespace Lamina.Inspect;

/// <summary>
/// The probability of a class while the pixels of an image are deleted or inserted in the order of a map's importance
/// (Petsiuk et al., 2018). They say how far to trust the map: a good map makes deletion fall and insertion rise early.
/// </summary>
/// <param name="Shares">The shares of pixels that are deleted or inserted, from 0 to 1.</param>
/// <param name="Probabilities">The probabilities of the class at these.</param>
public sealed record PixelCurve(IReadOnlyList<double> Shares, IReadOnlyList<double> Probabilities)
{
    /// <summary>The area below the curve, 0 to 1: small is good for deletion, large for insertion.</summary>
    public double Area
    {
        get
        {
            double area = 0;
            for (int i = 1; i < Shares.Count; i++)
            {
                area += (Shares[i] - Shares[i - 1]) * (Probabilities[i] + Probabilities[i - 1]) / 2;
            }
            return area;
        }
    }

    /// <summary>Deletes the most important pixels first: they become the mean color.</summary>
    /// <param name="attributor">The attributor of the model.</param>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="map">A map of the image; it is resized to the image.</param>
    /// <param name="steps">The number of steps, at least 1. Default: 20.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    public static PixelCurve Deletion(
        Attributor attributor,
        NDArray image,
        AttributionMap map,
        int steps = 20,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(image);
        return Of(attributor, image, new NDArray(image.Shape), map, steps, cancellation);
    }

    /// <summary>Inserts the most important pixels first, into a blurred copy of the image.</summary>
    /// <inheritdoc cref="Deletion"/>
    public static PixelCurve Insertion(
        Attributor attributor,
        NDArray image,
        AttributionMap map,
        int steps = 20,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(image);
        double sigma = Math.Max(1, Math.Min(image.Shape[1]!.Value, image.Shape[2]!.Value) / 10.0);
        return Of(attributor, Planes.Blur(image, sigma), image, map, steps, cancellation);
    }

    private static PixelCurve Of(
        Attributor attributor,
        NDArray from,
        NDArray to,
        AttributionMap map,
        int steps,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(attributor);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        int[] dims = from.Shape.ToArray();
        float[] importance = map.Resized(dims[1], dims[2]).Values.ToArray();
        // Stable, so that equal values keep their order.
        int[] order = [.. Enumerable.Range(0, importance.Length).OrderByDescending(i => importance[i])];
        double[] shares = [.. Enumerable.Range(0, steps + 1).Select(s => (double)s / steps)];
        var probabilities = new double[shares.Length];
        for (int start = 0; start < shares.Length; start += Attributor.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(Attributor.BatchSize, shares.Length - start);
            var batch = new NDArray(from.Shape.WithBatch(count));
            for (int i = 0; i < count; i++)
            {
                Span<float> copy = batch.Samples(i, 1).Values;
                from.Values.CopyTo(copy);
                foreach (int pixel in order.AsSpan(0, (int)Math.Round(shares[start + i] * order.Length)))
                {
                    to.Values.Slice(pixel * dims[3], dims[3]).CopyTo(copy.Slice(pixel * dims[3], dims[3]));
                }
            }
            NDArray scores = attributor.Probabilities(batch);
            for (int i = 0; i < count; i++)
            {
                probabilities[start + i] = scores[i, map.Class];
            }
        }
        return new PixelCurve(shares, probabilities);
    }
}
