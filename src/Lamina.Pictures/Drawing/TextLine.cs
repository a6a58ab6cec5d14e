using SkiaSharp;
using SkiaSharp.HarfBuzz;

namespace Lamina.Drawing;

/// <summary>
/// A line of text in any script. Characters that the shipped fonts lack come from a system font, or are transliterated to
/// Latin letters if there is none. Complex scripts are shaped, and right-to-left scripts run that way.
/// </summary>
internal sealed class TextLine
{
    private readonly float _size;
    private readonly (TextRun Run, float Width)[] _runs;

    /// <summary>Lays out a text.</summary>
    /// <param name="text">The text; control characters are replaced by a mark.</param>
    /// <param name="size">The font size in points.</param>
    /// <param name="bold"><see langword="true"/> for bold text.</param>
    /// <param name="fallback">The source of other fonts. Default: the system.</param>
    public TextLine(string text, float size, bool bold, FallbackFonts? fallback = null)
    {
        _size = size;
        _runs =
        [
            .. TextRun.Split(text, bold, fallback ?? FallbackFonts.System).Select(run => (run, WidthOf(run, size))),
        ];
        Width = _runs.Sum(r => r.Width);
    }

    /// <summary>The line's width in points.</summary>
    public float Width { get; }

    /// <summary>The text as drawn, run by run from left to right.</summary>
    public string Drawn => string.Concat(_runs.Select(r => r.Run.Text));

    /// <summary>Draws the line with its left end at x and its baseline at y.</summary>
    public void Draw(SKCanvas canvas, float x, float y, SKPaint paint)
    {
        foreach ((TextRun run, float width) in _runs)
        {
            using SKFont font = Fonts.Create(run.Face, _size);
            if (run.IsSimple)
            {
                canvas.DrawText(run.Text, x, y, font, paint);
            }
            else
            {
                using var shaper = new SKShaper(run.Face);
                canvas.DrawShapedText(shaper, run.Text, x, y, SKTextAlign.Left, font, paint);
            }
            x += width;
        }
    }

    private static float WidthOf(TextRun run, float size)
    {
        using SKFont font = Fonts.Create(run.Face, size);
        if (run.IsSimple)
        {
            return font.MeasureText(run.Text);
        }
        using var shaper = new SKShaper(run.Face);
        return shaper.Shape(run.Text, font).Width;
    }
}
