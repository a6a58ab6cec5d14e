using Lamina.Drawing;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Lamina;

/// <summary>What one epoch of training came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean training loss.</param>
/// <param name="Accuracy">The training accuracy, 0 to 1, if it was measured.</param>
/// <param name="ValidationLoss">The validation loss, if there was a validation.</param>
/// <param name="ValidationAccuracy">The validation accuracy, 0 to 1, if there was a validation.</param>
public sealed record CurvePoint(
    int Epoch,
    double Loss,
    double? Accuracy = null,
    double? ValidationLoss = null,
    double? ValidationAccuracy = null
);

/// <summary>
/// The pictures of a run. Each is a PNG at twice the usual density, written atomically: a reader sees the old file or
/// the whole new one.
/// </summary>
public static partial class RunPictures
{
    private const int CurveWidth = 1000;
    private const int CurveHeight = 400;

    /// <summary>Draws loss and accuracy over the epochs, for training and validation, side by side.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="history">The epochs, in order; at least one. Values that are not finite leave gaps.</param>
    /// <exception cref="ArgumentException">The history is empty.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Curves(string path, IReadOnlyList<CurvePoint> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        if (history.Count == 0)
        {
            throw new ArgumentException("The history has no epochs to draw.", nameof(history));
        }
        bool hasAccuracy = history.Any(p => (p.Accuracy ?? p.ValidationAccuracy) is not null);
        using var sketch = new Sketch(hasAccuracy ? CurveWidth : CurveWidth / 2, CurveHeight);
        Panel(sketch, 0, "Loss", history, p => p.Loss, p => p.ValidationLoss, Alignment.UpperRight);
        if (hasAccuracy)
        {
            Panel(sketch, 1, "Accuracy", history, p => p.Accuracy, p => p.ValidationAccuracy, Alignment.LowerRight);
        }
        sketch.Save(path);
    }

    private static void Panel(
        Sketch sketch,
        int column,
        string title,
        IReadOnlyList<CurvePoint> history,
        Func<CurvePoint, double?> training,
        Func<CurvePoint, double?> validation,
        Alignment legend
    )
    {
        PlotFonts.Register();
        using var plot = new Plot();
        plot.Font.Set(Drawing.Fonts.Family);
        plot.FigureBackground.Color = ScottPlot.Colors.White;
        int series = AddSeries(plot, "training", PictureColors.Blue, MarkerShape.FilledCircle, history, training);
        series += AddSeries(plot, "validation", PictureColors.Orange, MarkerShape.FilledSquare, history, validation);

        Color ink = ToColor(PictureColors.Ink);
        plot.Axes.Color(ink);
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Title(title, 16);
        plot.XLabel("Epoch", 13);
        plot.YLabel(title, 13);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Title.Label.Bold = true;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Grid.MajorLineColor = ToColor(PictureColors.Rule).WithAlpha(0.6);
        plot.Axes.Margins(horizontal: 0.03, vertical: 0.08);
        SetEpochTicks(plot, history[0].Epoch, history[^1].Epoch);
        if (series > 0)
        {
            plot.Legend.FontSize = 12;
            plot.Legend.OutlineColor = ToColor(PictureColors.Rule);
            plot.Legend.ShadowColor = ScottPlot.Colors.Transparent;
            plot.ShowLegend(legend);
        }
        float left = column * CurveWidth / 2f;
        // ScottPlot clears all that it may reach.
        sketch.Canvas.Save();
        sketch.Canvas.ClipRect(SKRect.Create(left, 0, CurveWidth / 2f, CurveHeight));
        plot.Render(sketch.Canvas, new PixelRect(left, left + CurveWidth / 2f, CurveHeight, 0));
        sketch.Canvas.Restore();
    }

    private static int AddSeries(
        Plot plot,
        string name,
        SKColor color,
        MarkerShape marker,
        IReadOnlyList<CurvePoint> history,
        Func<CurvePoint, double?> value
    )
    {
        double[] xs = [.. history.Select(p => (double)p.Epoch)];
        double[] ys = [.. history.Select(p => value(p) is { } v && double.IsFinite(v) ? v : double.NaN)];
        if (ys.All(double.IsNaN))
        {
            return 0;
        }
        var scatter = plot.Add.Scatter(xs, ys, ToColor(color));
        scatter.LegendText = name;
        scatter.LineWidth = 2;
        scatter.MarkerShape = marker;
        scatter.MarkerSize = history.Count > 60 ? 0 : 7;
        return 1;
    }

    /// <summary>Whole epochs only: a step of 1, 2 or 5 times a power of ten, at most ten ticks.</summary>
    private static void SetEpochTicks(Plot plot, int first, int last)
    {
        int step = 1;
        for (int i = 0; (last - first) / step >= 10; i++)
        {
            step = (i % 3) switch
            {
                0 => step * 2,
                1 => step / 2 * 5,
                _ => step * 2,
            };
        }
        var ticks = new NumericManual();
        int start = step == 1 ? first : (first + step - 1) / step * step;
        for (int epoch = start; epoch <= last; epoch += step)
        {
            ticks.AddMajor(epoch, epoch.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        plot.Axes.Bottom.TickGenerator = ticks;
        if (first == last)
        {
            plot.Axes.SetLimitsX(first - 1, last + 1);
        }
    }

    private static Color ToColor(SKColor color) => new(color.Red, color.Green, color.Blue);
}
