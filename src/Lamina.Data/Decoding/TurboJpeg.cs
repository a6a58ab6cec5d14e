using SkiaSharp;

namespace Lamina;

/// <summary>
/// Decodes JPEGs with <see cref="TurboLibrary"/>. The pixels are those of Skia's codec, which decodes every file that this class
/// leaves alone: CMYK, damaged and truncated files, so that their errors are the same with and without the library.
/// </summary>
internal static class TurboJpeg
{
    /// <summary>Decodes a JPEG if the library is present and accepts the file.</summary>
    /// <param name="library">The library.</param>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="target">Receives the pixels, turned upright.</param>
    /// <param name="enough">As for <see cref="ImageDecoder.Decode(ReadOnlySpan{byte}, string, PixelBuffer, Size2, long, PartChooser?)"/>.</param>
    /// <param name="maxPixels">The most pixels that are decoded.</param>
    /// <returns><see langword="true"/> if the pixels were decoded.</returns>
    public static bool TryDecode(
        TurboLibrary library,
        ReadOnlySpan<byte> file,
        PixelBuffer target,
        Size2 enough,
        long maxPixels
    )
    {
        if (!JpegMarkers.IsJpeg(file) || (target.Turbo ??= library.Open()) is not { } state)
        {
            return false;
        }
        if (library.HeaderOf(state, file) is not var (full, isGray) || (long)full.Height * full.Width > maxPixels)
        {
            return false;
        }
        // Skia's reading of EXIF decides.
        SKEncodedOrigin origin = JpegMarkers.ArePlain(file) ? SKEncodedOrigin.TopLeft : OriginOf(file);
        if (Orientation.SwapsAxes(origin))
        {
            enough = new Size2(enough.Width, enough.Height);
        }
        Size2 size = JpegScale.Smallest(full, enough);
        int channels = isGray ? 1 : 3;
        if ((long)size.Height * size.Width * channels > Array.MaxLength)
        {
            return false;
        }
        target.Resize(size.Height, size.Width, channels);
        if (!library.Decode(state, file, target.Pixels, size, isGray))
        {
            return false;
        }
        Orientation.Apply(origin, target);
        return true;
    }

    private static unsafe SKEncodedOrigin OriginOf(ReadOnlySpan<byte> file)
    {
        fixed (byte* start = file)
        {
            using SKData data = SKData.Create((nint)start, file.Length);
            using SKCodec? codec = SKCodec.Create(data);
            return codec?.EncodedOrigin ?? SKEncodedOrigin.TopLeft;
        }
    }
}
