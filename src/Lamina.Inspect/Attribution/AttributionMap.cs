namespace Lamina.Inspect;

/// <summary>The importance of each part of an image for the score of a class.</summary>
/// <param name="Class">The index of the class.</param>
/// <param name="Values">
/// (height, width): of the image, or of the layer that the map is computed at. Values below 0 speak against the class where
/// the method has signs.
/// </param>
public sealed record AttributionMap(int Class, NDArray Values)
{
    private const double Bright = 0.99;

    /// <summary>The values per channel, (height, width, channels); <see langword="null"/> if the method has none.</summary>
    public NDArray? Channels { get; init; }

    /// <summary>Returns the values at another size, by bilinear interpolation between the centers of pixels.</summary>
    /// <param name="height">The height in pixels, at least 1.</param>
    /// <param name="width">The width in pixels, at least 1.</param>
    /// <returns>(height, width).</returns>
    public NDArray Resized(int height, int width) => Planes.Resize(Values, height, width);

    /// <summary>
    /// Returns the magnitudes from 0 to 1 for drawing: the largest 1 % are 1, so that a few pixels do not darken all others.
    /// </summary>
    /// <returns>(height, width) as <see cref="Values"/>; zeros where all values are 0.</returns>
    public NDArray ToHeat()
    {
        float[] magnitudes = [.. Values.Values.ToArray().Select(v => float.IsFinite(v) ? Math.Abs(v) : 0)];
        float[] sorted = [.. magnitudes.Order()];
        float top = sorted[(int)(Bright * (sorted.Length - 1))];
        top = top > 0 ? top : sorted[^1];
        return new NDArray(Values.Shape, magnitudes.Select(m => top > 0 ? Math.Min(m / top, 1) : 0).ToArray());
    }
}
