using System.Globalization;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The horizontal alignment of a text at its point.</summary>
internal enum TextAlign
{
    Left,
    Center,
    Right,
}

/// <summary>A sheet with the drawing operations of the pictures. Units are points, not pixels.</summary>
internal sealed class Sketch : IDisposable
{
    /// <summary>The limit of pixels, beyond which pictures fit neither memory nor viewers.</summary>
    private const long MaxPixels = 400_000_000;

    private readonly SKSurface? _surface;
    private readonly MemoryStream? _svg;

    /// <summary>Creates a sheet of one color.</summary>
    /// <param name="width">The width in points.</param>
    /// <param name="height">The height in points.</param>
    /// <param name="density">The number of pixels per point.</param>
    /// <param name="background">The color. Default: white.</param>
    public Sketch(float width, float height, float density = 2, SKColor? background = null)
    {
        int columns = (int)MathF.Ceiling(width * density);
        int rows = (int)MathF.Ceiling(height * density);
        if ((long)columns * rows > MaxPixels)
        {
            throw new LaminaException(
                $"A picture of {columns}×{rows} pixels is too large. Use a lower dpi, or .svg for a model's plot."
            );
        }
        _surface =
            SKSurface.Create(new SKImageInfo(columns, rows, SKColorType.Rgba8888, SKAlphaType.Premul))
            ?? throw new LaminaException(
                $"A picture of {columns}×{rows} pixels does not fit into memory. Use a lower dpi."
            );
        Canvas = _surface.Canvas;
        Canvas.Clear(background ?? SKColors.White);
        Canvas.Scale(density);
    }

    private Sketch(SKRect sheet)
    {
        _svg = new MemoryStream();
        Canvas = SKSvgCanvas.Create(sheet, _svg);
        Fill(sheet, SKColors.White);
    }

    /// <summary>Creates a sheet of the format that a file's extension names.</summary>
    /// <param name="path">The path of a .png or .svg file.</param>
    /// <param name="width">The width in points.</param>
    /// <param name="height">The height in points.</param>
    /// <exception cref="LaminaException">The extension is not supported.</exception>
    public static Sketch For(string path, float width, float height) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => new Sketch(width, height),
            ".svg" => new Sketch(SKRect.Create(width, height)),
            var other => throw new LaminaException($"{path}: cannot draw to '{other}' files. Use .png or .svg."),
        };

    public SKCanvas Canvas { get; }

    public void Fill(SKRect rectangle, SKColor color)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        Canvas.DrawRect(rectangle, paint);
    }

    public void Outline(SKRect rectangle, SKColor color, float width = 1)
    {
        using var paint = Stroke(color, width);
        Canvas.DrawRect(rectangle, paint);
    }

    public void Line(float x0, float y0, float x1, float y1, SKColor color, float width = 1)
    {
        using var paint = Stroke(color, width);
        Canvas.DrawLine(x0, y0, x1, y1, paint);
    }

    /// <summary>Draws a text with its middle (half the cap height) at y.</summary>
    public void Text(
        string text,
        float x,
        float y,
        float size,
        SKColor color,
        TextAlign align = TextAlign.Left,
        bool bold = false,
        float degrees = 0
    )
    {
        using SKFont font = Fonts.Create(size, bold);
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        var line = new TextLine(text, size, bold);
        Canvas.Save();
        Canvas.Translate(x, y);
        Canvas.RotateDegrees(degrees);
        float shift = align switch
        {
            TextAlign.Center => -line.Width / 2,
            TextAlign.Right => -line.Width,
            _ => 0,
        };
        line.Draw(Canvas, shift, font.Metrics.CapHeight / 2, paint);
        Canvas.Restore();
    }

    /// <summary>Draws an image, by default without smoothing.</summary>
    public void Image(SKBitmap bitmap, SKRect target, bool smooth = false)
    {
        using SKImage image = SKImage.FromBitmap(bitmap);
        var sampling = smooth
            ? new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear)
            : new SKSamplingOptions(SKFilterMode.Nearest);
        Canvas.DrawImage(image, target, sampling);
    }

    /// <summary>Returns the width of a text in points.</summary>
    public static float Measure(string text, float size, bool bold = false) => new TextLine(text, size, bold).Width;

    /// <summary>Returns the text, shortened with an ellipsis if it is too wide.</summary>
    public static string Fit(string text, float size, float width, bool bold = false)
    {
        if (Measure(text, size, bold) <= width)
        {
            return text;
        }
        // Never inside a grapheme cluster.
        int[] starts = StringInfo.ParseCombiningCharacters(text);
        (int fits, int tooLong) = (0, starts.Length);
        while (tooLong - fits > 1)
        {
            int middle = (fits + tooLong) / 2;
            bool isNarrow = Measure(Cut(text, starts[middle]), size, bold) <= width;
            (fits, tooLong) = isNarrow ? (middle, tooLong) : (fits, middle);
        }
        return Cut(text, fits < starts.Length ? starts[fits] : 0);
    }

    /// <summary>Returns the lines of a text, broken between words; the last one is shortened if the text needs more.</summary>
    public static IReadOnlyList<string> Wrap(string text, float size, float width, int mostLines)
    {
        List<string> lines = [];
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length == 0 || lines.Count == mostLines - 1 || Measure(longer, size) <= width)
            {
                line = longer;
            }
            else
            {
                lines.Add(line);
                line = word;
            }
        }
        return line.Length == 0 ? lines : [.. lines.Append(line).Select(l => Fit(l, size, width))];
    }

    /// <summary>Writes the sheet atomically; an SVG sheet cannot be drawn on afterward.</summary>
    public void Save(string path)
    {
        if (_surface is null)
        {
            // The canvas writes the end of the SVG when it is disposed.
            Canvas.Dispose();
            AtomicFile.WriteAllBytes(path, _svg!.ToArray());
            return;
        }
        using SKImage image = _surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_surface is null)
        {
            Canvas.Dispose();
        }
        _surface?.Dispose();
        _svg?.Dispose();
    }

    private static string Cut(string text, int length) => text[..length].TrimEnd() + "…";

    private static SKPaint Stroke(SKColor color, float width) =>
        new()
        {
            Color = color,
            IsAntialias = true,
            IsStroke = true,
            StrokeWidth = width,
        };
}
