using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The colors of fractions from 0 to 1, roughly linear in lightness: 0 is close to the background, 1 far from it.</summary>
internal sealed class ShareColors
{
    private static readonly ShareColors s_light = new(0xf7fbff, 0xc9ddf0, 0x6baed6, 0x2274b6, 0x08306b);
    private static readonly ShareColors s_dark = new(0x1c2229, 0x183f66, 0x1f6fb4, 0x67b1e6, 0xd6ecfb);
    private readonly int[] _stops;

    private ShareColors(params int[] stops) => _stops = stops;

    /// <summary>Returns the colors on a background.</summary>
    public static ShareColors On(bool isDark) => isDark ? s_dark : s_light;

    /// <summary>Returns the color of a fraction; that of 0 for a number that is not one.</summary>
    public SKColor Of(double share)
    {
        double t = Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1) * (_stops.Length - 1);
        int i = Math.Min((int)t, _stops.Length - 2);
        return new SKColor(Mix(i, 16, t - i), Mix(i, 8, t - i), Mix(i, 0, t - i));
    }

    private byte Mix(int stop, int shift, double share)
    {
        (int from, int to) = ((_stops[stop] >> shift) & 0xff, (_stops[stop + 1] >> shift) & 0xff);
        return (byte)Math.Round(from + ((to - from) * share));
    }
}
