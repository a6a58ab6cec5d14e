using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    private const float TileWidth = 176;
    private const float TileImage = 148;
    private const float TileGap = 16;
    private const float BarHeight = 17;
    private const int MaxBars = 5;
    private const float TileHeight = TileImage + 30 + MaxBars * BarHeight;

    /// <summary>
    /// Draws images with their true class and bars for the five best classes, as the paper's figure 4 does. The true
    /// class's bar is red.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="tiles">The images, at least one; 16 make a grid of 4 × 4.</param>
    /// <exception cref="ArgumentException">There are no tiles, or a tile's bytes do not fit its size.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Predictions(string path, IReadOnlyList<PredictionTile> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        if (tiles.Count == 0)
        {
            throw new ArgumentException("There are no images to draw.", nameof(tiles));
        }
        int columns = Math.Min((int)Math.Ceiling(Math.Sqrt(tiles.Count)), 8);
        int rows = (tiles.Count + columns - 1) / columns;
        using var sketch = new Sketch(
            columns * (TileWidth + TileGap) + TileGap,
            rows * (TileHeight + TileGap) + TileGap
        );
        for (int i = 0; i < tiles.Count; i++)
        {
            float x = TileGap + i % columns * (TileWidth + TileGap);
            float y = TileGap + i / columns * (TileHeight + TileGap);
            DrawTile(sketch, tiles[i], x, y);
        }
        sketch.Save(path);
    }

    private static void DrawTile(Sketch sketch, PredictionTile tile, float x, float y)
    {
        using (SKBitmap bitmap = ToBitmap(tile))
        {
            float scale = TileImage / Math.Max(tile.Width, tile.Height);
            var box = SKRect.Create(
                x + (TileWidth - tile.Width * scale) / 2,
                y + (TileImage - tile.Height * scale) / 2,
                tile.Width * scale,
                tile.Height * scale
            );
            // Small images keep their pixels visible; large ones are averaged, not sampled.
            sketch.Image(bitmap, box, smooth: scale < 1);
            sketch.Outline(box, PictureColors.Rule, 0.75f);
        }

        float labelY = y + TileImage + 13;
        string label = Sketch.Fit(tile.Label ?? "", 12.5f, TileWidth, bold: true);
        sketch.Text(label, x + TileWidth / 2, labelY, 12.5f, PictureColors.Ink, TextAlign.Center, bold: true);

        float barsY = y + TileImage + 26;
        int count = Math.Min(tile.Top.Count, MaxBars);
        sketch.Outline(SKRect.Create(x, barsY, TileWidth, MaxBars * BarHeight), PictureColors.Rule, 0.75f);
        for (int i = 0; i < count; i++)
        {
            (string name, double probability) = tile.Top[i];
            double share = double.IsFinite(probability) ? Math.Clamp(probability, 0, 1) : 0;
            bool isRight = name == tile.Label;
            float top = barsY + i * BarHeight;
            var bar = SKRect.Create(x, top + 1.5f, TileWidth * (float)share, BarHeight - 3);
            sketch.Fill(bar, isRight ? PictureColors.Right : PictureColors.Bar);
            DrawBarText(sketch, Sketch.Fit(name, 11, TileWidth - 10), x + 5, top + BarHeight / 2, bar, isRight);
        }
    }

    /// <summary>A class's name over its bar: white on the red bar, ink beside it, split where the bar ends.</summary>
    private static void DrawBarText(Sketch sketch, string name, float x, float y, SKRect bar, bool isRight)
    {
        sketch.Text(name, x, y, 11, PictureColors.Ink);
        if (isRight)
        {
            sketch.Canvas.Save();
            sketch.Canvas.ClipRect(bar);
            sketch.Fill(bar, PictureColors.Right);
            sketch.Text(name, x, y, 11, SKColors.White);
            sketch.Canvas.Restore();
        }
    }

    private static SKBitmap ToBitmap(PredictionTile tile)
    {
        ReadOnlySpan<byte> pixels = tile.Pixels.Span;
        bool fits =
            tile is { Height: > 0, Width: > 0, Channels: 1 or 3 or 4 }
            && (long)tile.Height * tile.Width * tile.Channels == pixels.Length;
        if (!fits)
        {
            throw new ArgumentException(
                $"A tile of {pixels.Length} bytes is no image of {tile.Height}×{tile.Width} with {tile.Channels} channels."
            );
        }
        var bitmap = new SKBitmap(tile.Width, tile.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        Span<byte> target = bitmap.GetPixelSpan();
        int channels = tile.Channels;
        for (int i = 0, from = 0; i < target.Length; i += 4, from += channels)
        {
            target[i] = pixels[from];
            target[i + 1] = pixels[from + (channels > 1 ? 1 : 0)];
            target[i + 2] = pixels[from + (channels > 1 ? 2 : 0)];
            target[i + 3] = channels == 4 ? pixels[from + 3] : (byte)255;
        }
        return bitmap;
    }
}
