using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The colors of all pictures; pairs are distinguishable for color-blind readers and in gray.</summary>
internal static class PictureColors
{
    public static readonly SKColor Ink = new(0x22, 0x26, 0x2b);
    public static readonly SKColor Muted = new(0x6a, 0x71, 0x78);
    public static readonly SKColor Rule = new(0xd5, 0xd9, 0xdd);
    public static readonly SKColor Blue = new(0x1f, 0x6f, 0xb4);
    public static readonly SKColor Orange = new(0xd9, 0x5f, 0x0e);
    public static readonly SKColor Bar = new(0xa9, 0xbc, 0xd0);
    public static readonly SKColor Red = new(0xc9, 0x3a, 0x3a);

    /// <summary>Returns white or ink, whichever is easier to read on a color (WCAG 2.2, contrast ratio).</summary>
    public static SKColor InkOn(SKColor background) =>
        Contrast(background, SKColors.White) > Contrast(background, Ink) ? SKColors.White : Ink;

    /// <summary>Returns the contrast ratio of two colors, 1 to 21, by their relative luminances (WCAG 2.2).</summary>
    public static double Contrast(SKColor a, SKColor b)
    {
        (double first, double second) = (Luminance(a), Luminance(b));
        return (Math.Max(first, second) + 0.05) / (Math.Min(first, second) + 0.05);
    }

    private static double Luminance(SKColor color) =>
        (0.2126 * Linear(color.Red)) + (0.7152 * Linear(color.Green)) + (0.0722 * Linear(color.Blue));

    private static double Linear(byte channel)
    {
        double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }
}
