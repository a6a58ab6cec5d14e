using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws the sign before the text of a legend entry.</summary>
internal static class LegendSign
{
    public const float Width = 20;
    private const float Half = 3.5f;

    /// <summary>Draws a line with its marker, or a marker only.</summary>
    public static void Draw(Sketch sketch, float x, float y, SKColor color, MarkerShape marker)
    {
        float middle = x + (Width / 2);
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        switch (marker)
        {
            case MarkerShape.VerticalBar:
                for (float dot = -6; dot <= 6; dot += 4)
                {
                    sketch.Fill(SKRect.Create(middle - 0.75f, y + dot - 1, 1.5f, 2), color);
                }
                break;
            case MarkerShape.FilledTriangleUp:
                using (var path = new SKPath())
                {
                    path.AddPoly([new(middle - 5, y + 4), new(middle + 5, y + 4), new(middle, y - 5)]);
                    sketch.Canvas.DrawPath(path, paint);
                }
                break;
            case MarkerShape.Eks:
                sketch.Line(middle - Half, y - Half, middle + Half, y + Half, color, 1.5f);
                sketch.Line(middle - Half, y + Half, middle + Half, y - Half, color, 1.5f);
                break;
            default:
                sketch.Line(x, y, x + Width, y, color, 2);
                if (marker == MarkerShape.FilledSquare)
                {
                    sketch.Fill(SKRect.Create(middle - Half, y - Half, 2 * Half, 2 * Half), color);
                }
                else
                {
                    sketch.Canvas.DrawCircle(middle, y, Half, paint);
                }
                break;
        }
    }
}
