using System.Globalization;
using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>A panel of curves over epochs, with a title and a legend above them.</summary>
/// <param name="area">The area on the sheet, in points.</param>
/// <param name="title">The title.</param>
/// <param name="best">The epoch to mark, if any.</param>
/// <param name="startsAtZero"><see langword="true"/> if the vertical axis includes zero.</param>
internal sealed class CurvePanel(SKRect area, string title, BestEpoch? best, bool startsAtZero = false)
{
    private const float HeadHeight = 58;
    private const float TitleX = 20;
    private const int MostMarkers = 60;
    private const int MostNamedOutside = 3;
    private readonly List<(string Name, SKColor Color, MarkerShape Marker)> _legend = [];

    /// <summary>Draws the panel; series without values are omitted.</summary>
    public void Draw(Sketch sketch, IReadOnlyList<CurveSeries> series)
    {
        PlotFonts.Register();
        using var plot = new Plot();
        CurveSeries[] drawn = [.. series.Where(s => s.Values.Any(v => v is not null))];
        CurveLimits limits = CurveLimits.Of(drawn);
        SetStyle(plot);
        foreach (CurveSeries one in drawn)
        {
            AddCurve(plot, one);
        }
        if (best is not null)
        {
            plot.Add.VerticalLine(best.Epoch, 1.5f, ToColor(PictureColors.Muted), LinePattern.Dotted);
            _legend.Add((best.Text, PictureColors.Muted, MarkerShape.VerticalBar));
        }
        if (limits.IsCut)
        {
            AddOutside(plot, drawn, limits);
        }
        AddNotFinite(plot, drawn, limits);
        EpochAxis.Set(plot, series[0].Epochs[0], series[0].Epochs[^1]);
        plot.Axes.SetLimitsY(startsAtZero ? Math.Min(limits.Low, 0) : limits.Low, limits.High);
        DrawHead(sketch);
        float head = _legend.Count == 0 ? HeadHeight / 2 : HeadHeight;
        // ScottPlot clears the whole area that it may draw on.
        sketch.Canvas.Save();
        sketch.Canvas.ClipRect(new SKRect(area.Left, area.Top + head, area.Right, area.Bottom));
        plot.Render(sketch.Canvas, new PixelRect(area.Left, area.Right, area.Bottom, area.Top + head));
        sketch.Canvas.Restore();
    }

    private static void SetStyle(Plot plot)
    {
        plot.Font.Set(Drawing.Fonts.Family);
        plot.FigureBackground.Color = ScottPlot.Colors.White;
        plot.Axes.Color(ToColor(PictureColors.Ink));
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.XLabel("Epoch", 13);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Grid.MajorLineColor = ToColor(PictureColors.Rule).WithAlpha(0.6);
        plot.HideLegend();
    }

    private void AddCurve(Plot plot, CurveSeries series)
    {
        double[] xs = [.. series.Epochs.Select(e => (double)e)];
        double[] ys = [.. series.Values.Select(v => v is { } y && double.IsFinite(y) ? y : double.NaN)];
        if (series.Finite.Any())
        {
            var scatter = plot.Add.Scatter(xs, ys, ToColor(series.Color));
            scatter.LineWidth = 2;
            scatter.MarkerShape = series.Marker;
            scatter.MarkerSize = series.Epochs.Count > MostMarkers ? 0 : 7;
        }
        if (series.Name.Length > 0)
        {
            _legend.Add((series.Name, series.Color, series.Marker));
        }
    }

    /// <summary>Draws a triangle at the upper end of the axis for each value above it, with the highest values.</summary>
    private void AddOutside(Plot plot, IReadOnlyList<CurveSeries> series, CurveLimits limits)
    {
        double top = limits.High - (0.03 * (limits.High - limits.Low));
        var outside = series
            .SelectMany(s => s.Epochs.Zip(s.Values, (epoch, value) => (Epoch: epoch, Value: value, Series: s)))
            .Where(p => p.Value is { } v && double.IsFinite(v) && v > limits.High)
            .OrderByDescending(p => p.Value)
            .ToList();
        for (int i = 0; i < outside.Count; i++)
        {
            (int epoch, double? value, CurveSeries one) = outside[i];
            Color color = ToColor(one.Color);
            plot.Add.Marker(epoch, top, MarkerShape.FilledTriangleUp, 10, color);
            if (i < MostNamedOutside)
            {
                bool isLate = epoch > (one.Epochs[0] + one.Epochs[^1]) / 2.0;
                // Values of training and validation in one epoch are stacked.
                int above = outside.Take(i).Count(p => p.Epoch == epoch);
                double y = top - (above * 0.06 * (limits.High - limits.Low));
                var text = plot.Add.Text(Short(value!.Value), epoch, y);
                text.LabelFontSize = 11;
                text.LabelFontColor = color;
                text.LabelFontName = Drawing.Fonts.Family;
                text.LabelAlignment = isLate ? Alignment.MiddleRight : Alignment.MiddleLeft;
                text.OffsetX = isLate ? -7 : 7;
            }
        }
        _legend.Add(("above the axis", PictureColors.Muted, MarkerShape.FilledTriangleUp));
    }

    /// <summary>Draws a cross at the bottom for each value that is not finite.</summary>
    private void AddNotFinite(Plot plot, IReadOnlyList<CurveSeries> series, CurveLimits limits)
    {
        double bottom = limits.Low + (0.03 * (limits.High - limits.Low));
        bool any = false;
        foreach (CurveSeries one in series)
        {
            foreach ((int epoch, double? value) in one.Epochs.Zip(one.Values))
            {
                if (value is { } v && !double.IsFinite(v))
                {
                    plot.Add.Marker(epoch, bottom, MarkerShape.Eks, 10, ToColor(one.Color));
                    any = true;
                }
            }
        }
        if (any)
        {
            _legend.Add(("not finite", PictureColors.Muted, MarkerShape.Eks));
        }
    }

    private void DrawHead(Sketch sketch)
    {
        float x = area.Left + TitleX;
        sketch.Text(title, x, area.Top + 20, 15, PictureColors.Ink, bold: true);
        float y = area.Top + 44;
        foreach ((string name, SKColor color, MarkerShape marker) in _legend)
        {
            LegendSign.Draw(sketch, x, y, color, marker);
            x += LegendSign.Width + 5;
            sketch.Text(name, x, y, 11.5f, PictureColors.Ink);
            x += Sketch.Measure(name, 11.5f) + 14;
        }
    }

    /// <summary>Formats a number in few characters: 62.7, 1.2e9.</summary>
    private static string Short(double value) =>
        value.ToString(Math.Abs(value) < 1e5 ? "G4" : "0.#e0", CultureInfo.InvariantCulture);

    private static Color ToColor(SKColor color) => new(color.Red, color.Green, color.Blue);
}
