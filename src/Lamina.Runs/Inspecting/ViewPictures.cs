using SkiaSharp;

namespace Lamina.Runs.Inspecting;

/// <summary>Encodes small pictures as PNG files.</summary>
internal static class ViewPictures
{
    /// <summary>Returns an image of a sheet, without its frame and texts.</summary>
    public static ViewPicture Of(SheetTile tile)
    {
        ReadOnlySpan<byte> pixels = tile.Pixels.Span;
        bool isGray = tile.Channels == 1;
        using var bitmap = new SKBitmap(
            tile.Width,
            tile.Height,
            isGray ? SKColorType.Gray8 : SKColorType.Rgba8888,
            SKAlphaType.Opaque
        );
        Span<byte> target = bitmap.GetPixelSpan();
        for (int y = 0; y < tile.Height; y++)
        {
            ReadOnlySpan<byte> from = pixels.Slice(y * tile.Width * tile.Channels, tile.Width * tile.Channels);
            Span<byte> to = target[(y * bitmap.RowBytes)..];
            if (isGray)
            {
                from.CopyTo(to);
                continue;
            }
            for (int x = 0; x < tile.Width; x++)
            {
                from.Slice(x * tile.Channels, 3).CopyTo(to[(4 * x)..]);
                to[(4 * x) + 3] = byte.MaxValue;
            }
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return new ViewPicture(png.ToArray(), tile.Height, tile.Width, tile.Caption);
    }

    /// <summary>Returns values from 0 to 1 in gray.</summary>
    /// <param name="heat">(height, width).</param>
    public static ViewPicture Of(NDArray heat)
    {
        var bytes = new byte[heat.Values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(heat.Values[i] * byte.MaxValue), 0, byte.MaxValue);
        }
        return Of(new SheetTile(bytes, heat.Shape[0]!.Value, heat.Shape[1]!.Value, 1));
    }
}
