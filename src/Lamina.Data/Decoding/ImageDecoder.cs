using SkiaSharp;

namespace Lamina;

/// <summary>
/// Decodes image files with Skia's codecs, and JPEGs with <see cref="TurboJpeg"/> where it can. Alpha is dropped (the colors stay as they are stored), 16 bits become
/// the upper 8, CMYK becomes RGB, embedded color profiles are not applied, and a photo is turned upright as its EXIF
/// orientation says.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>The default limit on pixels; larger images are refused before they are decoded.</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>The supported formats, for error messages.</summary>
    private const string Formats = "JPEG, PNG, WebP, BMP or GIF";

    // Four bytes per pixel must fit into one array.
    private const long PixelCeiling = 500_000_000;
    private const long FileCeiling = 1L << 30;

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">Receives the pixels.</param>
    /// <param name="enough">
    /// The size down to which a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size; (0, 0) for the
    /// full size.
    /// </param>
    /// <param name="maxPixels">The most pixels that are decoded.</param>
    /// <param name="part">Selects the part to decode at least; <see langword="null"/> for the whole image.</param>
    public static void DecodeFile(
        string path,
        PixelBuffer target,
        Size2 enough,
        long maxPixels,
        PartChooser? part = null
    )
    {
        int length = ReadFile(path, target);
        Decode(target.File.AsSpan(0, length), path, target, enough, maxPixels, part);
    }

    /// <summary>Decodes the bytes of a file; errors call it <paramref name="name"/>.</summary>
    public static void Decode(
        ReadOnlySpan<byte> file,
        string name,
        PixelBuffer target,
        Size2 enough,
        long maxPixels,
        PartChooser? part = null
    )
    {
        if (file.IsEmpty)
        {
            throw new DataException(name, "is empty.");
        }
        if (
            TurboLibrary.Current is not { } turbo
            || !TurboJpeg.TryDecode(turbo, file, target, enough, Math.Min(maxPixels, PixelCeiling))
        )
        {
            DecodeBySkia(file, name, target, enough, maxPixels, part);
        }
    }

    /// <summary>Decodes the bytes of a file with Skia's codecs.</summary>
    internal static unsafe void DecodeBySkia(
        ReadOnlySpan<byte> file,
        string name,
        PixelBuffer target,
        Size2 enough,
        long maxPixels,
        PartChooser? part = null
    )
    {
        fixed (byte* start = file)
        {
            using SKData data = SKData.Create((nint)start, file.Length);
            using var stream = new SKMemoryStream(data);
            using SKCodec? codec = SKCodec.Create(stream, out SKCodecResult opened);
            if (codec is null)
            {
                throw new DataException(
                    name,
                    opened == SKCodecResult.IncompleteInput
                        ? "is truncated: the file ends before the image begins."
                        : $"is not an image that can be read ({Formats})."
                );
            }
            // Skia reads the orientation of JPEG and WebP only.
            SKEncodedOrigin origin = codec
                is { EncodedFormat: SKEncodedImageFormat.Png, EncodedOrigin: <= SKEncodedOrigin.TopLeft }
                ? PngOrientation.Of(file)
                : codec.EncodedOrigin;
            Decode(codec, origin, name, target, enough, Math.Min(maxPixels, PixelCeiling), part);
        }
    }

    private static unsafe void Decode(
        SKCodec codec,
        SKEncodedOrigin origin,
        string name,
        PixelBuffer target,
        Size2 enough,
        long maxPixels,
        PartChooser? part
    )
    {
        SKImageInfo declared = codec.Info;
        if ((long)declared.Width * declared.Height > maxPixels)
        {
            throw new DataException(
                name,
                $"declares {declared.Width}×{declared.Height} pixels, over the limit of {maxPixels / 1e6:0.###} "
                    + "megapixels; it was not decoded. Shrink the image, or raise the limit."
            );
        }
        SKSizeI size = ScaledSize(codec, Orientation.SwapsAxes(origin) ? (enough.Width, enough.Height) : enough);
        bool gray = declared.ColorType == SKColorType.Gray8;
        var info = new SKImageInfo(
            size.Width,
            size.Height,
            gray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            gray ? SKAlphaType.Opaque : SKAlphaType.Unpremul
        );
        Size2 upright = Orientation.SwapsAxes(origin) ? (info.Width, info.Height) : (info.Height, info.Width);
        PixelRectangle? wanted = part?.Invoke(upright);
        if (
            wanted is not { } rectangle
            || !JpegPart.TryDecode(codec, info, rectangle, target, out SKCodecResult result)
        )
        {
            byte[] storage = target.Storage(checked(info.Width * info.Height * info.BytesPerPixel));
            fixed (byte* pixels = storage)
            {
                result = codec.GetPixels(info, (nint)pixels);
            }
            target.Resize(info.Height, info.Width, gray ? 1 : 3);
        }
        if (result != SKCodecResult.Success)
        {
            throw new DataException(
                name,
                result == SKCodecResult.IncompleteInput
                    ? "is truncated: the file ends before the image does."
                    : $"is damaged and cannot be decoded ({result})."
            );
        }
        if (!gray)
        {
            Rgba.DropAlpha(target.Storage(0), target.Width * target.Height);
        }
        Orientation.Apply(origin, target);
    }

    // Only JPEG decodes smaller sizes faster and as well.
    private static SKSizeI ScaledSize(SKCodec codec, Size2 enough)
    {
        var full = new SKSizeI(codec.Info.Width, codec.Info.Height);
        if (codec.EncodedFormat != SKEncodedImageFormat.Jpeg)
        {
            return full;
        }
        Size2 size = JpegScale.Smallest((full.Height, full.Width), enough);
        return new SKSizeI(size.Width, size.Height);
    }

    private static int ReadFile(string path, PixelBuffer target)
    {
        try
        {
            (Microsoft.Win32.SafeHandles.SafeFileHandle handle, long length) = RegularFile.Open(path);
            using var _ = handle;
            if (length > FileCeiling)
            {
                throw new DataException(path, "is larger than 1 GiB and was not read.");
            }
            byte[] bytes = PixelBuffer.Ensure(ref target.File, (int)length);
            int read = 0;
            while (read < length)
            {
                int more = RandomAccess.Read(handle, bytes.AsSpan(read, (int)length - read), read);
                if (more == 0)
                {
                    break;
                }
                read += more;
            }
            return read;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            bool isLink = new FileInfo(path).LinkTarget is not null;
            throw new DataException(path, isLink ? "is a link to a file that does not exist." : "no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }
}
