using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The colors of heat maps over gray images.</summary>
internal static class HeatColors
{
    private const double MostOpaque = 0.75;
    private static readonly ScottPlot.Colormaps.Turbo s_map = new();

    /// <summary>Returns the color of a value from 0 to 1.</summary>
    public static SKColor Of(double value)
    {
        ScottPlot.Color color = s_map.GetColor(Math.Clamp(value, 0, 1));
        return new SKColor(color.R, color.G, color.B);
    }

    /// <summary>Returns an image in gray with values drawn over it, as RGB.</summary>
    /// <param name="tile">The image and its values.</param>
    public static byte[] Blend(SheetTile tile)
    {
        NDArray heat = tile.Heat!;
        if (heat.Shape.Rank != 2)
        {
            throw new ArgumentException($"Heat must be (height, width), got {heat.Shape}.", nameof(tile));
        }
        using SKBitmap values = ToBitmap(heat);
        using SKBitmap fitted = values.Resize(
            new SKImageInfo(tile.Width, tile.Height, SKColorType.Gray8, SKAlphaType.Opaque),
            new SKSamplingOptions(SKFilterMode.Linear)
        );
        var result = new byte[tile.Height * tile.Width * 3];
        ReadOnlySpan<byte> pixels = tile.Pixels.Span;
        for (int i = 0; i < tile.Height * tile.Width; i++)
        {
            double value = fitted.GetPixelSpan()[(i / tile.Width * fitted.RowBytes) + (i % tile.Width)] / 255.0;
            double gray = Gray(pixels.Slice(i * tile.Channels, tile.Channels));
            double opacity = MostOpaque * Math.Sqrt(value);
            SKColor color = Of(value);
            result[3 * i] = Mix(gray, color.Red, opacity);
            result[(3 * i) + 1] = Mix(gray, color.Green, opacity);
            result[(3 * i) + 2] = Mix(gray, color.Blue, opacity);
        }
        return result;
    }

    private static SKBitmap ToBitmap(NDArray heat)
    {
        (int height, int width) = (heat.Shape[0]!.Value, heat.Shape[1]!.Value);
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        Span<byte> target = bitmap.GetPixelSpan();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float value = heat.Values[(y * width) + x];
                target[(y * bitmap.RowBytes) + x] = (byte)
                    Math.Round(255 * Math.Clamp(float.IsFinite(value) ? value : 0, 0, 1));
            }
        }
        return bitmap;
    }

    // ITU-R 601, as gray inputs are prepared.
    private static double Gray(ReadOnlySpan<byte> pixel) =>
        pixel.Length < 3 ? pixel[0] : (0.299 * pixel[0]) + (0.587 * pixel[1]) + (0.114 * pixel[2]);

    private static byte Mix(double from, double to, double share) => (byte)Math.Round(from + ((to - from) * share));
}
