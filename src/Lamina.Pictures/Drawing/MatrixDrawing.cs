using System.Globalization;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws a confusion matrix with its names and scale, in points.</summary>
internal sealed class MatrixDrawing
{
    /// <summary>The most classes for which cells contain their counts.</summary>
    private const int MaxNumberedClasses = 30;

    private const string ColorNote = "Color: the share of the true class";
    private readonly int[,] _counts;
    private readonly PictureTheme _theme;
    private readonly ShareColors _colors;
    private readonly string _title;
    private readonly string _note;
    private readonly MatrixLayout _layout;

    public MatrixDrawing(int[,] counts, IReadOnlyList<string> classNames, bool isDark, string note)
    {
        _counts = counts;
        _theme = PictureTheme.Of(isDark);
        _colors = ShareColors.On(isDark);
        _title = TitleOf(counts);
        _note = note.Length > 0 ? $"{ColorNote}; {note}" : ColorNote;
        _layout = MatrixLayout.Of(counts, classNames, _title, _note);
    }

    /// <summary>Draws and writes the picture.</summary>
    public void Save(string path)
    {
        using var sketch = new Sketch(_layout.Width, _layout.Height, background: _theme.Paper);
        DrawCells(sketch);
        DrawLabels(sketch);
        DrawScale(sketch);
        sketch.Text(_title, _layout.Width / 2, 22, MatrixLayout.TitleSize, _theme.Ink, TextAlign.Center, bold: true);
        sketch.Text(_note, _layout.Width / 2, 43, MatrixLayout.NoteSize, _theme.Muted, TextAlign.Center);
        sketch.Save(path);
    }

    private static string TitleOf(int[,] counts)
    {
        long total = counts.Cast<int>().Sum(c => (long)c);
        long right = Enumerable.Range(0, counts.GetLength(0)).Sum(i => (long)counts[i, i]);
        return total == 0
            ? "Confusion matrix (no images)"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Accuracy {100.0 * right / total:0.0} % ({right:N0} of {total:N0})"
            );
    }

    private void DrawCells(Sketch sketch)
    {
        int n = _layout.Classes;
        for (int row = 0; row < n; row++)
        {
            long sum = 0;
            for (int column = 0; column < n; column++)
            {
                sum += _counts[row, column];
            }
            for (int column = 0; column < n; column++)
            {
                double share = sum == 0 ? 0 : (double)_counts[row, column] / sum;
                SKRect cell = _layout.CellAt(row, column);
                sketch.Fill(cell, _colors.Of(share));
                if (n <= MaxNumberedClasses && _counts[row, column] > 0)
                {
                    SKColor color = PictureColors.InkOn(_colors.Of(share));
                    string text = _counts[row, column].ToString(CultureInfo.InvariantCulture);
                    sketch.Text(text, cell.MidX, cell.MidY, _layout.CountSize, color, TextAlign.Center, row == column);
                }
            }
        }
        if (n <= MaxNumberedClasses)
        {
            for (int i = 1; i < n; i++)
            {
                float at = i * _layout.Cell;
                sketch.Line(_layout.Left + at, _layout.Top, _layout.Left + at, _layout.Bottom, _theme.Paper);
                sketch.Line(_layout.Left, _layout.Top + at, _layout.Right, _layout.Top + at, _theme.Paper);
            }
        }
        var frame = new SKRect(_layout.Left, _layout.Top, _layout.Right, _layout.Bottom);
        sketch.Outline(frame, _theme.Muted);
    }

    private void DrawLabels(Sketch sketch)
    {
        for (int i = 0; i < _layout.Classes; i++)
        {
            if (_layout.Names[i].Length == 0)
            {
                continue;
            }
            SKRect cell = _layout.CellAt(i, i);
            sketch.Text(_layout.Names[i], _layout.Left - 8, cell.MidY, _layout.NameSize, _theme.Ink, TextAlign.Right);
            sketch.Text(
                _layout.Names[i],
                cell.MidX,
                _layout.Bottom + 8,
                _layout.NameSize,
                _theme.Ink,
                TextAlign.Right,
                degrees: -90
            );
        }
        sketch.Text(
            "True class",
            16,
            (_layout.Top + _layout.Bottom) / 2,
            13,
            _theme.Ink,
            TextAlign.Center,
            degrees: -90
        );
        float middle = (_layout.Left + _layout.Right) / 2;
        sketch.Text("Predicted class", middle, _layout.Height - 16, 13, _theme.Ink, TextAlign.Center);
    }

    private void DrawScale(Sketch sketch)
    {
        const int Steps = 100;
        float x = _layout.Right + 18;
        float height = _layout.Bottom - _layout.Top;
        for (int i = 0; i < Steps; i++)
        {
            float top = _layout.Top + height * i / Steps;
            float bottom = _layout.Top + height * (i + 1) / Steps;
            sketch.Fill(new SKRect(x, top, x + 12, bottom + 0.5f), _colors.Of(1 - (i + 0.5) / Steps));
        }
        sketch.Outline(new SKRect(x, _layout.Top, x + 12, _layout.Bottom), _theme.Muted);
        foreach (int percent in (ReadOnlySpan<int>)[0, 50, 100])
        {
            float y = _layout.Bottom - height * percent / 100;
            sketch.Line(x + 12, y, x + 16, y, _theme.Muted);
            sketch.Text($"{percent} %", x + 20, y, 11, _theme.Ink);
        }
    }
}
