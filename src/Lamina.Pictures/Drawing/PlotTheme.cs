using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The style of plots in light or dark.</summary>
internal static class PlotTheme
{
    /// <summary>Sets the fonts and colors of a plot.</summary>
    public static void Apply(Plot plot, PictureTheme theme)
    {
        plot.Font.Set(Drawing.Fonts.Family);
        plot.FigureBackground.Color = ToColor(theme.Paper);
        plot.DataBackground.Color = ToColor(theme.Paper);
        plot.Axes.Color(ToColor(theme.Ink));
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 12;
        plot.Axes.Left.TickLabelStyle.FontSize = 12;
        // ScottPlot centers labels by the font's height, so digits are too high.
        plot.Axes.Left.TickLabelStyle.OffsetY = 2.5f;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Axes.Bottom.MinorTickStyle.Length = 0;
        plot.Grid.MajorLineColor = ToColor(theme.Rule).WithAlpha(0.6);
        plot.HideLegend();
    }

    /// <summary>Converts a color.</summary>
    public static ScottPlot.Color ToColor(SKColor color) => new(color.Red, color.Green, color.Blue);
}
