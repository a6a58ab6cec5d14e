using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws images in a grid of about equal width and height.</summary>
internal static class TileGrid
{
    /// <summary>Draws tiles of equal size and writes the picture.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="tiles">The tiles, at least one.</param>
    /// <param name="size">The size of a tile in points.</param>
    /// <param name="gap">The space around each tile in points.</param>
    /// <param name="maxColumns">The most tiles side by side.</param>
    /// <param name="draw">Draws a tile at a point.</param>
    public static void Draw(
        string path,
        IReadOnlyList<PredictionTile> tiles,
        SKSize size,
        float gap,
        int maxColumns,
        Action<Sketch, PredictionTile, SKPoint> draw
    )
    {
        ArgumentNullException.ThrowIfNull(tiles);
        if (tiles.Count == 0)
        {
            throw new ArgumentException("There are no images to draw.", nameof(tiles));
        }
        int columns = Math.Min((int)Math.Ceiling(Math.Sqrt(tiles.Count)), maxColumns);
        int rows = (tiles.Count + columns - 1) / columns;
        using var sketch = new Sketch(columns * (size.Width + gap) + gap, rows * (size.Height + gap) + gap);
        for (int i = 0; i < tiles.Count; i++)
        {
            float x = gap + i % columns * (size.Width + gap);
            float y = gap + i / columns * (size.Height + gap);
            draw(sketch, tiles[i], new SKPoint(x, y));
        }
        sketch.Save(path);
    }

    /// <summary>Draws the image of a tile, as large as fits, centered in a rectangle.</summary>
    /// <returns>The rectangle that the image fills.</returns>
    public static SKRect DrawImage(Sketch sketch, PredictionTile tile, SKRect room, SKColor? rule = null)
    {
        using SKBitmap bitmap = ToBitmap(tile);
        float scale = Math.Min(room.Width / tile.Width, room.Height / tile.Height);
        var box = SKRect.Create(
            room.MidX - tile.Width * scale / 2,
            room.MidY - tile.Height * scale / 2,
            tile.Width * scale,
            tile.Height * scale
        );
        // Pixels of small images stay visible; large images are averaged, not sampled.
        sketch.Image(bitmap, box, smooth: scale < 1);
        sketch.Outline(box, rule ?? PictureColors.Rule, 0.75f);
        return box;
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
                $"A tile of {pixels.Length} bytes cannot be an image of {tile.Height}×{tile.Width} with {tile.Channels} channels."
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
