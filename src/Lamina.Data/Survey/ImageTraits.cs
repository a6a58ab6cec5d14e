namespace Lamina;

/// <summary>The facts that a survey keeps of an image.</summary>
/// <param name="Size">The size; (0, 0) for an unreadable image.</param>
/// <param name="Channels">1 for gray, 3 for RGB.</param>
/// <param name="Hash">The perceptual hash.</param>
/// <param name="Mean">The means of red, green and blue, 0 to 255.</param>
/// <param name="Squares">The means of their squares.</param>
internal readonly record struct ImageTraits(
    Size2 Size,
    int Channels,
    UInt128 Hash,
    (double R, double G, double B) Mean,
    (double R, double G, double B) Squares
)
{
    public bool IsReadable => Channels > 0;

    /// <summary>Returns the traits of the decoded image in a maker's buffer.</summary>
    public static ImageTraits Of(ThumbnailMaker maker)
    {
        PixelBuffer pixels = maker.Pixels;
        Span<long> sums = stackalloc long[3];
        Span<long> squares = stackalloc long[3];
        int channels = pixels.Channels;
        ReadOnlySpan<byte> bytes = pixels.Pixels;
        for (int i = 0; i < bytes.Length; i += channels)
        {
            for (int c = 0; c < channels; c++)
            {
                int value = bytes[i + c];
                sums[c] += value;
                squares[c] += value * value;
            }
        }
        double count = (double)pixels.Height * pixels.Width;
        int last = channels - 1;
        Thumbnail small = maker.Make((PerceptualHash.Grid, PerceptualHash.Grid), 0);
        return new ImageTraits(
            (pixels.Height, pixels.Width),
            channels,
            PerceptualHash.Of(small),
            (sums[0] / count, sums[last / 2] / count, sums[last] / count),
            (squares[0] / count, squares[last / 2] / count, squares[last] / count)
        );
    }
}
