using System.Reflection;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The fonts that ship with this assembly, so that pictures look the same on every machine.</summary>
internal static class Fonts
{
    /// <summary>The name of the font family, also for ScottPlot.</summary>
    public const string Family = "DejaVu Sans";

    private static readonly Lazy<SKTypeface> s_regular = new(() => Load("DejaVuSans.ttf"));
    private static readonly Lazy<SKTypeface> s_bold = new(() => Load("DejaVuSans-Bold.ttf"));

    public static SKTypeface Regular => s_regular.Value;

    public static SKTypeface Bold => s_bold.Value;

    /// <summary>Returns a shipped font of a size, whose widths scale linearly; the caller disposes it.</summary>
    public static SKFont Create(float size, bool bold = false) => Create(bold ? Bold : Regular, size);

    /// <summary>Returns a font of any typeface; the caller disposes it.</summary>
    public static SKFont Create(SKTypeface face, float size) =>
        new(face, size)
        {
            Edging = SKFontEdging.Antialias,
            Hinting = SKFontHinting.None,
            LinearMetrics = true,
            Subpixel = true,
        };

    private static SKTypeface Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using SKData data = SKData.Create(stream);
        return SKTypeface.FromData(data);
    }
}
