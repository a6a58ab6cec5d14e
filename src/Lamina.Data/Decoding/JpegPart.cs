using SkiaSharp;

namespace Lamina;

/// <summary>
/// Decodes part of a JPEG. The entropy coding must be read from start to end, but pixels outside the part are not
/// computed, which saves a third of the time for a typical crop.
/// </summary>
internal static unsafe class JpegPart
{
    // Colors, stored at half the size, are interpolated between neighbors: two pixels around the part keep its own
    // those of the whole. Rows are left out by blocks of blocks, 16 high at the usual sampling.
    private const int Around = 2;
    private const int Block = 16;

    // Starting in the middle has a small cost, too.
    private const double WorthwhileShare = 0.9;

    /// <summary>Decodes part of an image if that is possible and saves time.</summary>
    /// <param name="codec">The image.</param>
    /// <param name="info">The format in which the whole would be decoded.</param>
    /// <param name="part">The pixels that are needed.</param>
    /// <param name="target">Receives at least these pixels, with the bytes per pixel of <paramref name="info"/>.</param>
    /// <param name="result">The result of decoding.</param>
    /// <returns><see langword="true"/> if decoding was attempted.</returns>
    public static bool TryDecode(
        SKCodec codec,
        SKImageInfo info,
        PixelRectangle part,
        PixelBuffer target,
        out SKCodecResult result
    )
    {
        result = SKCodecResult.Unimplemented;
        if (
            codec.EncodedFormat != SKEncodedImageFormat.Jpeg
            || codec.EncodedOrigin > SKEncodedOrigin.TopLeft
            || codec.ScanlineOrder != SKCodecScanlineOrder.TopDown
            || part.IsEmpty
        )
        {
            return false;
        }
        int left = Math.Max(part.Left - Around, 0);
        int right = Math.Min(part.Left + part.Width + Around, info.Width);
        int top = Math.Max(part.Top - Around, 0) / Block * Block;
        int height = part.Top + part.Height - top;
        int width = right - left;
        if ((double)width * height > WorthwhileShare * info.Width * info.Height)
        {
            return false;
        }
        var options = new SKCodecOptions(new SKRectI(left, 0, right, info.Height));
        if (codec.StartScanlineDecode(info, options) != SKCodecResult.Success)
        {
            return false;
        }
        int rowBytes = width * info.BytesPerPixel;
        int below = info.Height - top - height;
        byte[] storage = target.Storage(checked(rowBytes * (height + 1)));
        fixed (byte* pixels = storage)
        {
            // The last row is always decoded: this detects a truncated file, which skipping rows does not.
            bool whole =
                (top == 0 || codec.SkipScanlines(top))
                && codec.GetScanlines((nint)pixels, height, rowBytes) == height
                && (below <= 1 || codec.SkipScanlines(below - 1))
                && (below == 0 || codec.GetScanlines((nint)(pixels + (rowBytes * height)), 1, rowBytes) == 1);
            result = whole ? SKCodecResult.Success : SKCodecResult.IncompleteInput;
        }
        target.Resize(height, width, info.BytesPerPixel == 1 ? 1 : 3);
        target.SetPart((info.Height, info.Width), top, left);
        return true;
    }
}
