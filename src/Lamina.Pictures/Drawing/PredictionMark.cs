using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws the sign for a right or wrong prediction, which differ in shape and color.</summary>
internal static class PredictionMark
{
    private const float Radius = 7;

    /// <summary>Draws a check mark or a cross on a disc.</summary>
    public static void Draw(Sketch sketch, float x, float y, bool isRight)
    {
        using var disc = new SKPaint
        {
            Color = isRight ? PictureColors.Blue : PictureColors.Orange,
            IsAntialias = true,
        };
        sketch.Canvas.DrawCircle(x, y, Radius, disc);
        if (isRight)
        {
            sketch.Line(x - 3.4f, y + 0.2f, x - 0.8f, y + 2.9f, SKColors.White, 1.7f);
            sketch.Line(x - 1.1f, y + 2.9f, x + 3.5f, y - 2.7f, SKColors.White, 1.7f);
        }
        else
        {
            sketch.Line(x - 2.7f, y - 2.7f, x + 2.7f, y + 2.7f, SKColors.White, 1.7f);
            sketch.Line(x - 2.7f, y + 2.7f, x + 2.7f, y - 2.7f, SKColors.White, 1.7f);
        }
    }
}
