using System.Globalization;
using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

public static partial class RunPictures
{
    /// <summary>The most classes for which cells contain their counts.</summary>
    private const int MaxNumberedClasses = 30;

    /// <summary>
    /// Draws a confusion matrix: rows are true classes, columns predicted classes, and the darkness of a cell is its fraction
    /// of the row. With up to 30 classes, cells contain the counts.
    /// </summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="counts">The number of images of class [row] that were predicted as class [column].</param>
    /// <param name="classNames">The class names, one per row.</param>
    /// <exception cref="ArgumentException">The matrix is not square, is empty, has negative counts, or the names do not fit it.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void ConfusionMatrix(string path, int[,] counts, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(classNames);
        int n = counts.GetLength(0);
        if (n == 0 || counts.GetLength(1) != n || classNames.Count != n)
        {
            throw new ArgumentException(
                $"A {n}×{counts.GetLength(1)} matrix and {classNames.Count} names: it must be square, with one name per row.",
                nameof(counts)
            );
        }
        if (counts.Cast<int>().Any(c => c < 0))
        {
            throw new ArgumentException("A count is negative.", nameof(counts));
        }

        string title = TitleOf(counts);
        var layout = MatrixLayout.Of(counts, classNames, title);
        using var sketch = new Sketch(layout.Width, layout.Height);
        DrawCells(sketch, layout, counts);
        DrawLabels(sketch, layout);
        DrawScale(sketch, layout);
        sketch.Text(
            title,
            layout.Width / 2,
            22,
            MatrixLayout.TitleSize,
            PictureColors.Ink,
            TextAlign.Center,
            bold: true
        );
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

    private static void DrawCells(Sketch sketch, MatrixLayout layout, int[,] counts)
    {
        int n = layout.Classes;
        for (int row = 0; row < n; row++)
        {
            long sum = 0;
            for (int column = 0; column < n; column++)
            {
                sum += counts[row, column];
            }
            for (int column = 0; column < n; column++)
            {
                double share = sum == 0 ? 0 : (double)counts[row, column] / sum;
                SKRect cell = layout.CellAt(row, column);
                sketch.Fill(cell, PictureColors.Sequential(share));
                if (n <= MaxNumberedClasses && counts[row, column] > 0)
                {
                    SKColor color = PictureColors.InkOn(PictureColors.Sequential(share));
                    string text = counts[row, column].ToString(CultureInfo.InvariantCulture);
                    sketch.Text(text, cell.MidX, cell.MidY, layout.CountSize, color, TextAlign.Center, row == column);
                }
            }
        }
        if (n <= MaxNumberedClasses)
        {
            for (int i = 1; i < n; i++)
            {
                float at = i * layout.Cell;
                sketch.Line(layout.Left + at, layout.Top, layout.Left + at, layout.Bottom, SKColors.White);
                sketch.Line(layout.Left, layout.Top + at, layout.Right, layout.Top + at, SKColors.White);
            }
        }
        var frame = new SKRect(layout.Left, layout.Top, layout.Right, layout.Bottom);
        sketch.Outline(frame, PictureColors.Muted);
    }

    private static void DrawLabels(Sketch sketch, MatrixLayout layout)
    {
        for (int i = 0; i < layout.Classes; i++)
        {
            if (layout.Names[i].Length == 0)
            {
                continue;
            }
            SKRect cell = layout.CellAt(i, i);
            sketch.Text(
                layout.Names[i],
                layout.Left - 8,
                cell.MidY,
                layout.NameSize,
                PictureColors.Ink,
                TextAlign.Right
            );
            sketch.Text(
                layout.Names[i],
                cell.MidX,
                layout.Bottom + 8,
                layout.NameSize,
                PictureColors.Ink,
                TextAlign.Right,
                degrees: -90
            );
        }
        sketch.Text(
            "True class",
            16,
            (layout.Top + layout.Bottom) / 2,
            13,
            PictureColors.Ink,
            TextAlign.Center,
            degrees: -90
        );
        float middle = (layout.Left + layout.Right) / 2;
        sketch.Text("Predicted class", middle, layout.Height - 16, 13, PictureColors.Ink, TextAlign.Center);
    }

    private static void DrawScale(Sketch sketch, MatrixLayout layout)
    {
        const int Steps = 100;
        float x = layout.Right + 18;
        float height = layout.Bottom - layout.Top;
        for (int i = 0; i < Steps; i++)
        {
            float top = layout.Top + height * i / Steps;
            float bottom = layout.Top + height * (i + 1) / Steps;
            sketch.Fill(new SKRect(x, top, x + 12, bottom + 0.5f), PictureColors.Sequential(1 - (i + 0.5) / Steps));
        }
        sketch.Outline(new SKRect(x, layout.Top, x + 12, layout.Bottom), PictureColors.Muted);
        foreach (int percent in (ReadOnlySpan<int>)[0, 50, 100])
        {
            float y = layout.Bottom - height * percent / 100;
            sketch.Line(x + 12, y, x + 16, y, PictureColors.Muted);
            sketch.Text($"{percent} %", x + 20, y, 11, PictureColors.Ink);
        }
    }
}
