using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The colours of all pictures; the pairs stay apart for colour-blind readers and in grey.</summary>
internal static class PictureColors
{
    public static readonly SKColor Ink = new(0x22, 0x26, 0x2b);
    public static readonly SKColor Muted = new(0x6a, 0x71, 0x78);
    public static readonly SKColor Rule = new(0xd5, 0xd9, 0xdd);
    public static readonly SKColor Blue = new(0x1f, 0x6f, 0xb4);
    public static readonly SKColor Orange = new(0xd9, 0x5f, 0x0e);
    public static readonly SKColor Bar = new(0xa9, 0xbc, 0xd0);
    public static readonly SKColor Right = new(0xc9, 0x3a, 0x3a);

    /// <summary>From nearly white (0) to dark blue (1), evenly in lightness.</summary>
    public static SKColor Sequential(double share)
    {
        ReadOnlySpan<(double At, int R, int G, int B)> stops =
        [
            (0, 0xf7, 0xfb, 0xff),
            (0.25, 0xc9, 0xdd, 0xf0),
            (0.5, 0x6b, 0xae, 0xd6),
            (0.75, 0x22, 0x74, 0xb6),
            (1, 0x08, 0x30, 0x6b),
        ];
        double t = Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1);
        int i = Math.Min((int)(t * 4), 3);
        (double at, int r, int g, int b) = stops[i];
        (_, int r1, int g1, int b1) = stops[i + 1];
        double f = (t - at) * 4;
        return new SKColor(Mix(r, r1, f), Mix(g, g1, f), Mix(b, b1, f));
    }

    private static byte Mix(int from, int to, double f) => (byte)Math.Round(from + (to - from) * f);
}
