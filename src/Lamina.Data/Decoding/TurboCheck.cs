using SkiaSharp;

namespace Lamina;

/// <summary>
/// Compares a TurboJPEG library with Skia's codec on a small image, so that a training on a machine with the library continues
/// bit for bit on one without it.
/// </summary>
internal static class TurboCheck
{
    // Not a multiple of a block, so that edges count.
    private const int Side = 83;
    private const int Quality = 90;

    /// <summary>Returns <see langword="true"/> if all pixels are equal, at full size and at half of it.</summary>
    public static bool HasEqualPixels(TurboLibrary library) =>
        Enum.GetValues<SKJpegEncoderDownsample>().All(d => HasEqualPixels(library, Picture(d)));

    private static bool HasEqualPixels(TurboLibrary library, byte[] file)
    {
        var (ours, skia) = (new PixelBuffer(), new PixelBuffer());
        foreach (Size2 enough in (ReadOnlySpan<Size2>)[default, new Size2(Side / 2)])
        {
            if (!TurboJpeg.TryDecode(library, file, ours, enough, long.MaxValue))
            {
                return false;
            }
            ImageDecoder.DecodeBySkia(file, "test image", skia, enough, long.MaxValue);
            if ((ours.Height, ours.Width) != (skia.Height, skia.Width) || !ours.Pixels.SequenceEqual(skia.Pixels))
            {
                return false;
            }
        }
        return true;
    }

    private static byte[] Picture(SKJpegEncoderDownsample sampling)
    {
        // Smooth in part and noisy in part, in all colors.
        var random = new RandomStream(1, RandomPurpose.User);
        var colors = new SKColor[Side * Side];
        for (int i = 0; i < colors.Length; i++)
        {
            (int y, int x) = (i / Side, i % Side);
            byte noise = (byte)random.NextInt32(1 + (x * 2));
            colors[i] = new SKColor((byte)(x * 3), (byte)(255 - (y * 3)), noise);
        }
        using var bitmap = new SKBitmap(Side, Side) { Pixels = colors };
        using SKPixmap pixmap = bitmap.PeekPixels();
        using SKData? data = pixmap.Encode(
            new SKJpegEncoderOptions(Quality, sampling, SKJpegEncoderAlphaOption.Ignore)
        );
        return data?.ToArray() ?? [];
    }
}
