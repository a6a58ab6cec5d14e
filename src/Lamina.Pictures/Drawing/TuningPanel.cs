using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>A panel of the picture of a search.</summary>
/// <param name="picture">The trials.</param>
/// <param name="style">Their signs.</param>
/// <param name="area">The area on the sheet, in points.</param>
internal sealed class TuningPanel(TuningPicture picture, TuningStyle style, SKRect area)
{
    private const int MostTicks = 8;

    /// <summary>Draws the scores over the epochs, or over the trials if all have the same number of epochs.</summary>
    public void DrawProgress(Sketch sketch)
    {
        using Plot plot = NewPlot(style.HasSeveralRungs ? "epochs" : "trial");
        if (style.HasSeveralRungs)
        {
            AddCurves(plot);
        }
        else
        {
            AddTrials(plot);
        }
        Render(sketch, plot);
    }

    /// <summary>Draws the scores over a hyperparameter.</summary>
    /// <param name="sketch">The sheet.</param>
    /// <param name="index">The index of the axis.</param>
    public void DrawAxis(Sketch sketch, int index)
    {
        TuningAxis axis = picture.Axes[index];
        using Plot plot = NewPlot(axis.Name);
        double[] positions =
        [
            .. picture.Points.Select(p => p.Values[index]).OfType<double>().Select(v => Position(axis, v)),
        ];
        // The best is drawn last.
        foreach (TuningPoint point in picture.Points.OrderBy(p => p.IsBest))
        {
            if (point.Values[index] is { } value)
            {
                Mark(plot, point, Position(axis, value));
            }
        }
        SetTicks(plot, axis, positions);
        Render(sketch, plot);
    }

    private void AddCurves(Plot plot)
    {
        int[] epochs = [.. picture.Points.SelectMany(p => p.Scores).Select(s => s.Epochs).Distinct().Order()];
        foreach (TuningPoint point in picture.Points.OrderBy(p => p.IsBest).Where(p => p.Scores.Count > 0))
        {
            (SKColor color, _, _) = style.SignOf(point);
            double[] xs = [.. point.Scores.Select(s => Math.Log10(s.Epochs))];
            double[] ys = [.. point.Scores.Select(s => style.Shown(s.Score))];
            var line = plot.Add.Scatter(xs, ys, PlotTheme.ToColor(color).WithAlpha(point.IsBest ? 1 : 0.55));
            line.LineWidth = point.IsBest ? 2.5f : 1.2f;
            line.MarkerSize = point.IsBest ? 8 : 5;
        }
        double[] ticks = [.. epochs.Select(e => Math.Log10(e))];
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            ticks,
            [.. epochs.Select(e => e.ToString(CultureInfo.InvariantCulture))]
        );
        SetLimits(plot, ticks);
    }

    private void AddTrials(Plot plot)
    {
        List<(double X, double Y)> best = [];
        foreach (TuningPoint point in picture.Points)
        {
            double y = point.Scores.Count > 0 && !point.IsFailed ? point.Scores[^1].Score : double.NaN;
            double before = best.Count > 0 ? best[^1].Y : double.NaN;
            double now = double.IsNaN(before) || (picture.IsMaximized ? y > before : y < before) ? y : before;
            best.AddRange(double.IsNaN(before) ? [(point.Number, now)] : [(point.Number, before), (point.Number, now)]);
        }
        (double X, double Y)[] known = [.. best.Where(p => !double.IsNaN(p.Y))];
        var line = plot.Add.Scatter(
            known.Select(p => p.X).ToArray(),
            known.Select(p => style.Shown(p.Y)).ToArray(),
            PlotTheme.ToColor(style.Theme.Orange).WithAlpha(0.6)
        );
        line.LineWidth = 1.5f;
        line.MarkerSize = 0;
        foreach (TuningPoint point in picture.Points.OrderBy(p => p.IsBest))
        {
            Mark(plot, point, point.Number);
        }
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        SetLimits(plot, [.. picture.Points.Select(p => (double)p.Number)]);
    }

    private void Mark(Plot plot, TuningPoint point, double x)
    {
        (SKColor color, MarkerShape shape, float size) = style.SignOf(point);
        double y = point.IsFailed || point.Scores.Count == 0 ? style.WorstEnd : style.Shown(point.Scores[^1].Score);
        plot.Add.Marker(x, y, shape, size, PlotTheme.ToColor(color));
    }

    private static double Position(TuningAxis axis, double value) => axis.IsLogarithmic ? Math.Log10(value) : value;

    private static void SetTicks(Plot plot, TuningAxis axis, double[] positions)
    {
        if (axis.Categories is { } names)
        {
            double[] all = [.. Enumerable.Range(0, names.Count).Select(i => (double)i)];
            plot.Axes.Bottom.TickGenerator = new NumericManual(
                all,
                [.. names.Select(n => Sketch.Fit(n, 12, 260f / Math.Min(names.Count, MostTicks)))]
            );
            plot.Axes.SetLimitsX(-0.5, names.Count - 0.5);
            return;
        }
        if (axis.IsLogarithmic && positions.Length > 0)
        {
            (double[] ticks, string[] labels) = LogTicks(positions.Min(), positions.Max());
            plot.Axes.Bottom.TickGenerator = new NumericManual(ticks, labels);
        }
        SetLimits(plot, positions);
    }

    // Decades, and 2 and 5 between them where there are few.
    private static (double[] Ticks, string[] Labels) LogTicks(double low, double high)
    {
        double[] steps =
            high - low > 2 ? [1]
            : high - low > 1.2 ? [1, 3]
            : [1, 2, 5];
        double[] values =
        [
            .. Enumerable
                .Range((int)Math.Floor(low) - 1, (int)Math.Ceiling(high) - (int)Math.Floor(low) + 2)
                .SelectMany(d =>
                    steps.Select(s =>
                        double.Parse(FormattableString.Invariant($"{s}e{d}"), CultureInfo.InvariantCulture)
                    )
                ),
        ];
        return (
            [.. values.Select(v => Math.Log10(v))],
            [
                .. values.Select(v =>
                    v is >= 0.001 and < 100000
                        ? v.ToString("0.####", CultureInfo.InvariantCulture)
                        : v.ToString("0.#e0", CultureInfo.InvariantCulture)
                ),
            ]
        );
    }

    private static void SetLimits(Plot plot, double[] positions)
    {
        double low = positions.DefaultIfEmpty(0).Min();
        double high = positions.DefaultIfEmpty(1).Max();
        double margin = high > low ? (high - low) * 0.06 : 0.5;
        plot.Axes.SetLimitsX(low - margin, high + margin);
    }

    private Plot NewPlot(string label)
    {
        var plot = new Plot();
        PlotTheme.Apply(plot, style.Theme);
        plot.XLabel(Sketch.Fit(label, 13, area.Width - 90), 13);
        plot.YLabel(picture.Objective, 12);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        return plot;
    }

    // ScottPlot clears what it may draw on.
    private void Render(Sketch sketch, Plot plot)
    {
        plot.Axes.SetLimitsY(style.Low, style.High);
        sketch.Canvas.Save();
        sketch.Canvas.ClipRect(area);
        plot.Render(sketch.Canvas, new PixelRect(area.Left, area.Right, area.Bottom, area.Top));
        sketch.Canvas.Restore();
    }
}
