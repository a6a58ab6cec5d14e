using System.Globalization;
using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    private const float TileWidth = 176;
    private const float TileImage = 148;
    private const float TileGap = 16;
    private const float LabelSize = 12.5f;
    private const float BarSize = 11;
    private const float BarHeight = 17;
    private const int MaxBars = 5;
    private const float TileHeight = TileImage + 30 + MaxBars * BarHeight;

    /// <summary>
    /// Draws images with their true class and bars with the percentages of the five most probable classes, as in figure 4 of
    /// the AlexNet paper. A blue check mark means a right prediction, an orange cross a wrong one; the bar of the true class
    /// is dark.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="tiles">The images, at least one; 16 make a grid of 4 × 4.</param>
    /// <exception cref="ArgumentException">There are no tiles, or a tile's bytes do not fit its size.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Predictions(string path, IReadOnlyList<PredictionTile> tiles) =>
        TileGrid.Draw(path, tiles, new SKSize(TileWidth, TileHeight), TileGap, maxColumns: 8, DrawPrediction);

    private static void DrawPrediction(Sketch sketch, PredictionTile tile, SKPoint at)
    {
        TileGrid.DrawImage(sketch, tile, SKRect.Create(at.X, at.Y, TileWidth, TileImage));
        DrawLabel(sketch, tile, at.X, at.Y + TileImage + 13);
        float barsY = at.Y + TileImage + 26;
        int count = Math.Min(tile.Top.Count, MaxBars);
        sketch.Outline(SKRect.Create(at.X, barsY, TileWidth, MaxBars * BarHeight), PictureColors.Rule, 0.75f);
        for (int i = 0; i < count; i++)
        {
            DrawBar(sketch, tile.Top[i], tile.Top[i].Name == tile.Label, at.X, barsY + i * BarHeight);
        }
    }

    /// <summary>Draws the true class after the mark of a right or wrong prediction.</summary>
    private static void DrawLabel(Sketch sketch, PredictionTile tile, float x, float y)
    {
        const float MarkWidth = 18;
        float room = tile.IsRight is null ? TileWidth : TileWidth - MarkWidth;
        string label = Sketch.Fit(tile.Label ?? "", LabelSize, room, bold: true);
        float width = Sketch.Measure(label, LabelSize, bold: true);
        float left = x + (TileWidth - width - (TileWidth - room)) / 2;
        if (tile.IsRight is { } isRight)
        {
            PredictionMark.Draw(sketch, left + MarkWidth / 2 - 2, y, isRight);
            left += MarkWidth;
        }
        sketch.Text(label, left, y, LabelSize, PictureColors.Ink, bold: true);
    }

    /// <summary>Draws a bar with the class name and percentage over it, readable on the bar and beside it.</summary>
    private static void DrawBar(Sketch sketch, ClassProbability entry, bool isTruth, float x, float y)
    {
        double share = double.IsFinite(entry.Probability) ? Math.Clamp(entry.Probability, 0, 1) : 0;
        string percent = double.IsFinite(entry.Probability)
            ? (100 * entry.Probability).ToString("0.0", CultureInfo.InvariantCulture) + " %"
            : "–";
        SKColor color = isTruth ? PictureColors.Blue : PictureColors.Bar;
        var bar = SKRect.Create(x, y + 1.5f, TileWidth * (float)share, BarHeight - 3);
        sketch.Fill(bar, color);
        float room = TileWidth - 16 - Sketch.Measure(percent, BarSize);
        string name = Sketch.Fit(entry.Name, BarSize, room);
        DrawTexts(PictureColors.Ink);
        sketch.Canvas.Save();
        sketch.Canvas.ClipRect(bar);
        sketch.Fill(bar, color);
        DrawTexts(PictureColors.InkOn(color));
        sketch.Canvas.Restore();

        void DrawTexts(SKColor ink)
        {
            float middle = y + BarHeight / 2;
            sketch.Text(name, x + 5, middle, BarSize, ink);
            sketch.Text(percent, x + TileWidth - 5, middle, BarSize, ink, TextAlign.Right);
        }
    }
}
