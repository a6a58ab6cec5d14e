namespace Lamina;

/// <summary>The ten crops of the paper's test (Krizhevsky et al. 2012, section 4.1).</summary>
internal static class TenCrop
{
    /// <summary>The number of crops per image.</summary>
    public const int Count = 10;

    /// <summary>The number of crops that are not mirrored; they come first.</summary>
    public const int Plain = 5;

    /// <summary>Copies an image mirrored horizontally.</summary>
    public static void Mirror(ReadOnlySpan<float> source, Span<float> target, Size2 size, int channels)
    {
        int stride = size.Width * channels;
        for (int start = 0; start < source.Length; start += stride)
        {
            for (int x = 0; x < stride; x += channels)
            {
                source.Slice(start + x, channels).CopyTo(target[(start + stride - channels - x)..]);
            }
        }
    }
}
