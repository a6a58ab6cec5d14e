using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>The colors of a picture in light or dark.</summary>
internal sealed record PictureTheme(
    SKColor Paper,
    SKColor Ink,
    SKColor Muted,
    SKColor Rule,
    SKColor Blue,
    SKColor Orange
)
{
    public static readonly PictureTheme Light = new(
        SKColors.White,
        PictureColors.Ink,
        PictureColors.Muted,
        PictureColors.Rule,
        PictureColors.Blue,
        PictureColors.Orange
    );

    public static readonly PictureTheme Dark = new(
        new SKColor(0x16, 0x1a, 0x1f),
        new SKColor(0xec, 0xee, 0xf0),
        new SKColor(0xa2, 0xa9, 0xb1),
        new SKColor(0x45, 0x4c, 0x54),
        new SKColor(0x5e, 0xae, 0xee),
        new SKColor(0xf2, 0x90, 0x4b)
    );

    /// <summary>Returns the theme of a background.</summary>
    public static PictureTheme Of(bool isDark) => isDark ? Dark : Light;
}
