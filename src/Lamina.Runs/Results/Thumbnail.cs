using SkiaSharp;

namespace Lamina.Runs.Results;

/// <summary>Creates thumbnails of images.</summary>
internal static class Thumbnail
{
    /// <summary>Decodes an image; returns null if it is unreadable.</summary>
    /// <param name="images">The images.</param>
    /// <param name="index">The index of the image.</param>
    /// <param name="side">The side in pixels down to which the image may be decoded.</param>
    public static PixelBuffer? TryDecode(LabeledImages images, int index, int side)
    {
        var pixels = new PixelBuffer();
        try
        {
            images.Decode(index, pixels, new Size2(side, side));
            return pixels;
        }
        catch (DataException)
        {
            return null;
        }
    }

    /// <summary>Returns the pixels, reduced to a maximum side.</summary>
    public static (byte[] Bytes, int Height, int Width) Shrunk(PixelBuffer pixels, int side)
    {
        double scale = (double)side / Math.Max(pixels.Height, pixels.Width);
        if (scale >= 1)
        {
            return (pixels.Pixels.ToArray(), pixels.Height, pixels.Width);
        }
        var size = new Preprocessing
        {
            Height = Math.Max(1, (int)(pixels.Height * scale)),
            Width = Math.Max(1, (int)(pixels.Width * scale)),
            Channels = pixels.Channels,
            Resize = ResizeMode.Stretch,
            Scale = 1,
        };
        ReadOnlySpan<float> values = Images.Prepare(pixels, size).Values;
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(values[i]), 0, 255);
        }
        return (bytes, size.Height, size.Width);
    }

    /// <summary>Returns a PNG of an image with a maximum side; null if the image is unreadable.</summary>
    public static byte[]? TryPng(LabeledImages images, int index, int side)
    {
        if (TryDecode(images, index, side) is not { } pixels)
        {
            return null;
        }
        (byte[] bytes, int height, int width) = Shrunk(pixels, side);
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        Span<byte> target = bitmap.GetPixelSpan();
        int step = bytes.Length / (height * width);
        for (int i = 0; i < height * width; i++)
        {
            ReadOnlySpan<byte> from = bytes.AsSpan(i * step, step);
            (target[4 * i], target[(4 * i) + 1], target[(4 * i) + 2]) = (from[0], from[step / 2], from[step - 1]);
            target[(4 * i) + 3] = byte.MaxValue;
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
