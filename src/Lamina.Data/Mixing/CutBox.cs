namespace Lamina;

/// <summary>
/// The box that CutMix pastes: its sides are √(1 − λ) of the image's, its center is uniform over the image, and it is
/// clipped to the image (Yun et al. 2019, section 3.1).
/// </summary>
internal readonly record struct CutBox(int Top, int Left, int Bottom, int Right)
{
    /// <summary>Draws a box.</summary>
    /// <param name="size">The image's height and width.</param>
    /// <param name="lambda">The fraction of the area to keep.</param>
    /// <param name="random">The random stream for the center.</param>
    public static CutBox Draw(Size2 size, double lambda, ref RandomStream random)
    {
        int y = random.NextInt32(size.Height);
        int x = random.NextInt32(size.Width);
        double half = 0.5 * Math.Sqrt(1 - lambda);
        int tall = (int)(half * size.Height);
        int wide = (int)(half * size.Width);
        return new CutBox(
            Math.Max(y - tall, 0),
            Math.Max(x - wide, 0),
            Math.Min(y + tall, size.Height),
            Math.Min(x + wide, size.Width)
        );
    }

    /// <summary>Returns the fraction of an image outside the box: λ corrected for clipping.</summary>
    /// <param name="size">The image's height and width.</param>
    public double Rest(Size2 size) =>
        1 - ((double)(Bottom - Top) * (Right - Left) / ((double)size.Height * size.Width));
}
