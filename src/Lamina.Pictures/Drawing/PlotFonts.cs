using ScottPlot;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Provides ScottPlot with the shipped fonts; a bare machine may have none.</summary>
internal sealed class PlotFonts : IFontResolver
{
    private static readonly Lock s_lock = new();
    private static bool s_registered;

    private PlotFonts() { }

    public static void Register()
    {
        lock (s_lock)
        {
            if (!s_registered)
            {
                ScottPlot.Fonts.FontResolvers.Insert(0, new PlotFonts());
                s_registered = true;
            }
        }
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
        fontName == Fonts.Family ? (bold ? Fonts.Bold : Fonts.Regular) : null;
}
