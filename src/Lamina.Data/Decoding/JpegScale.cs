namespace Lamina;

/// <summary>The sizes at which JPEGs can be decoded: 1/8, 1/4, 1/2 and 1/1, rounded up.</summary>
internal static class JpegScale
{
    /// <summary>Returns the smallest size that is enough.</summary>
    /// <param name="full">The full size.</param>
    /// <param name="enough">The size that suffices; (0, 0) for the full size.</param>
    public static Size2 Smallest(Size2 full, Size2 enough)
    {
        if (enough == default)
        {
            return full;
        }
        foreach (int divisor in (ReadOnlySpan<int>)[8, 4, 2])
        {
            var size = new Size2((full.Height + divisor - 1) / divisor, (full.Width + divisor - 1) / divisor);
            if (size.Height >= enough.Height && size.Width >= enough.Width)
            {
                return size;
            }
        }
        return full;
    }
}
