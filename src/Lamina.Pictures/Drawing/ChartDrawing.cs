using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Draws a chart, in points.</summary>
/// <param name="chart">The chart.</param>
internal sealed class ChartDrawing(ChartPicture chart)
{
    private const float PictureWidth = 620;
    private const float PictureHeight = 440;
    private const float SquareHeight = 600;
    private const float Head = 88;
    private const float LegendAt = 71;
    private const float Left = 22;
    private const float Edge = 8;
    private readonly PictureTheme _theme = PictureTheme.Of(chart.IsDark);

    public void Save(string path)
    {
        PlotFonts.Register();
        float height = chart.IsReliability ? SquareHeight : PictureHeight;
        using var sketch = new Sketch(PictureWidth, height, background: _theme.Paper);
        float width = PictureWidth - (2 * Left);
        sketch.Text(Sketch.Fit(chart.Title, 16, width, bold: true), Left, 24, 16, _theme.Ink, bold: true);
        sketch.Text(Sketch.Fit(chart.Subtitle, 12, width), Left, 47, 12, _theme.Muted);
        DrawLegend(sketch);
        using Plot plot = NewPlot();
        // ScottPlot clears what it may draw on, and beyond its rectangle in white.
        var room = new SKRect(Edge, Head, PictureWidth - Edge, height - Edge);
        sketch.Canvas.Save();
        sketch.Canvas.ClipRect(room);
        plot.Render(sketch.Canvas, new PixelRect(room.Left, room.Right, room.Bottom, room.Top));
        sketch.Canvas.Restore();
        sketch.Save(path);
    }

    private Plot NewPlot()
    {
        var plot = new Plot();
        PlotTheme.Apply(plot, _theme);
        plot.XLabel(chart.XLabel, 13);
        plot.YLabel(chart.YLabel, 13);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        foreach (ChartBar bar in chart.Bars)
        {
            var rectangle = plot.Add.Rectangle(bar.Low, bar.High, 0, bar.Value);
            rectangle.FillColor = PlotTheme.ToColor(_theme.Blue).WithAlpha(0.75);
            rectangle.LineColor = PlotTheme.ToColor(_theme.Paper);
        }
        if (chart.IsReliability)
        {
            var diagonal = plot.Add.Line(0, 0, 1, 1);
            diagonal.Color = PlotTheme.ToColor(_theme.Muted);
            diagonal.LinePattern = LinePattern.Dashed;
        }
        for (int i = 0; i < chart.Lines.Count; i++)
        {
            ChartLine line = chart.Lines[i];
            double[] xs = [.. line.Xs];
            double[] ys = [.. line.Ys];
            var scatter = plot.Add.Scatter(xs, ys, PlotTheme.ToColor(ColorOf(i)));
            scatter.LineWidth = 2;
            scatter.MarkerSize = line.Xs.Count > 40 ? 0 : 6;
            scatter.MarkerShape = ShapeOf(i);
        }
        SetLimits(plot);
        return plot;
    }

    private void SetLimits(Plot plot)
    {
        plot.Axes.Left.TickGenerator = Fifths();
        if (chart.IsReliability)
        {
            plot.Axes.Bottom.TickGenerator = Fifths();
            plot.Axes.SetLimits(0, 1, 0, 1);
            return;
        }
        double[] xs = [.. chart.Lines.SelectMany(l => l.Xs)];
        double margin = xs.Length > 0 ? Math.Max(xs.Max() - xs.Min(), 1e-9) * 0.03 : 0;
        plot.Axes.SetLimits(xs.DefaultIfEmpty(0).Min() - margin, xs.DefaultIfEmpty(1).Max() + margin, -0.03, 1.03);
    }

    private static ScottPlot.TickGenerators.NumericManual Fifths() =>
        new([0, 0.2, 0.4, 0.6, 0.8, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1"]);

    private void DrawLegend(Sketch sketch)
    {
        float x = Left;
        if (chart.BarsName.Length > 0)
        {
            sketch.Fill(SKRect.Create(x, LegendAt - 5, LegendSign.Width, 10), _theme.Blue.WithAlpha(0xbf));
            x = DrawName(sketch, x, chart.BarsName);
        }
        for (int i = 0; i < chart.Lines.Count; i++)
        {
            if (chart.Lines[i].Name.Length > 0)
            {
                LegendSign.Draw(sketch, x, LegendAt, ColorOf(i), ShapeOf(i));
                x = DrawName(sketch, x, chart.Lines[i].Name);
            }
        }
        if (chart.IsReliability)
        {
            sketch.Line(x, LegendAt, x + 8, LegendAt, _theme.Muted);
            sketch.Line(x + 12, LegendAt, x + LegendSign.Width, LegendAt, _theme.Muted);
            DrawName(sketch, x, "ideal");
        }
    }

    // Returns where the next entry begins.
    private float DrawName(Sketch sketch, float x, string name)
    {
        sketch.Text(name, x + LegendSign.Width + 5, LegendAt, 11.5f, _theme.Ink);
        return x + LegendSign.Width + 19 + Sketch.Measure(name, 11.5f);
    }

    private SKColor ColorOf(int line) => chart.Bars.Count > 0 ? _theme.Orange : ClassColors.Of(line, chart.IsDark);

    private static MarkerShape ShapeOf(int line) =>
        line switch
        {
            0 => MarkerShape.FilledCircle,
            1 => MarkerShape.FilledSquare,
            2 => MarkerShape.FilledTriangleUp,
            _ => MarkerShape.FilledDiamond,
        };
}
