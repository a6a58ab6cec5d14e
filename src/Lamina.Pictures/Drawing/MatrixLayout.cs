using System.Globalization;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The layout of a confusion matrix, in points.</summary>
internal sealed class MatrixLayout
{
    /// <summary>The font size of the title.</summary>
    public const float TitleSize = 15;

    /// <summary>The font size of the note.</summary>
    public const float NoteSize = 12;

    private const float Head = 64;

    private const float MaxNameWidth = 170;
    private const float ScaleWidth = 84;

    private MatrixLayout() { }

    public required int Classes { get; init; }

    public required float Cell { get; init; }

    public required float CountSize { get; init; }

    public required float NameSize { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required float Left { get; init; }

    public float Top { get; } = Head;

    public float Right => Left + Classes * Cell;

    public float Bottom => Top + Classes * Cell;

    public required float Width { get; init; }

    public required float Height { get; init; }

    public SKRect CellAt(int row, int column) => SKRect.Create(Left + column * Cell, Top + row * Cell, Cell, Cell);

    public static MatrixLayout Of(int[,] counts, IReadOnlyList<string> classNames, string title, string note)
    {
        int n = classNames.Count;
        float cell = n switch
        {
            <= 4 => 84,
            <= 10 => 46,
            <= 20 => 34,
            <= 30 => 28,
            // A thousand classes still fit on a screen; a cell is then one or two pixels wide.
            _ => Math.Max(700f / n, 1),
        };
        float nameSize = n switch
        {
            <= 20 => 12,
            <= 30 => 11,
            _ => 9,
        };
        // If rows are thinner than a line of text, only every k-th class is labeled.
        int every = Math.Max(1, (int)MathF.Ceiling(nameSize * 1.25f / cell));
        string[] names =
        [
            .. classNames.Select((name, i) => i % every == 0 ? Sketch.Fit(name, nameSize, MaxNameWidth) : ""),
        ];
        float nameWidth = names.Max(name => Sketch.Measure(name, nameSize));
        float left = 32 + nameWidth + 8;
        float textWidth = Math.Max(Sketch.Measure(title, TitleSize, bold: true), Sketch.Measure(note, NoteSize));
        return new MatrixLayout
        {
            Classes = n,
            Cell = cell,
            CountSize = CountSizeOf(counts, cell),
            NameSize = nameSize,
            Names = names,
            Left = left,
            Width = Math.Max(left + n * cell + ScaleWidth, textWidth + 32),
            Height = Head + n * cell + 8 + nameWidth + 36,
        };
    }

    private static float CountSizeOf(int[,] counts, float cell)
    {
        string longest = counts.Cast<int>().Max().ToString(CultureInfo.InvariantCulture);
        float wanted = cell >= 80 ? 15 : 12;
        float width = Sketch.Measure(longest, wanted, bold: true);
        return Math.Min(wanted, wanted * (cell - 5) / width);
    }
}
