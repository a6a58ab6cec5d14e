using SkiaSharp;

namespace Lamina;

/// <summary>
/// Decodes a part of a JPEG. Its entropy coding must be read from the start to the end, but the pixels outside the part
/// are not computed, which is a third of the time for the usual crop.
/// </summary>
internal static unsafe class JpegPart
{
    // Colours, stored at half the size, are interpolated between neighbours: two pixels around the part keep its own
    // those of the whole. Rows are left out by blocks of blocks, 16 high at the usual sampling.
    private const int Around = 2;
    private const int Block = 16;

    // Starting in the middle costs a little too.
    private const double WorthwhileShare = 0.9;

    /// <summary>Decodes a part if that is possible and saves time.</summary>
    /// <param name="codec">The image.</param>
    /// <param name="info">How the whole would be decoded.</param>
    /// <param name="part">The pixels that are needed.</param>
    /// <param name="target">Gets at least these, in <paramref name="info"/>'s bytes a pixel.</param>
    /// <param name="result">What became of it.</param>
    /// <returns>Whether it was tried.</returns>
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
            // The last row is decoded whatever part is wanted: it finds out a truncated file, and skipping does not.
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
