using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>Colors of classes that are told apart: ten of one lightness, then ten of another.</summary>
internal static class ClassColors
{
    private static readonly SKColor[] s_light = Parse(
        "1f77b4 d95f0e 2ca02c c93a3a 8a56c2 8c564b d64fb0 5f6b73 9a9a00 0f9fb0"
            + " 7fb2e0 f5a962 86cf86 ee8f8f bfa3e3 c49c94 f2a3dc aab4bb cfcf5a 86d6e0"
    );
    private static readonly SKColor[] s_dark = Parse(
        "5eaeee f2904b 5fd068 f07070 b68cf0 c58b7c f27fd2 a9b4bd d6d63c 3fd0e2"
            + " 2f78b8 b8641f 3b9443 b84848 7d57b5 8d5f53 b0509a 6f7a82 8f8f1f 1f8b99"
    );

    /// <summary>Returns the color of a class; they repeat after 20.</summary>
    public static SKColor Of(int index, bool isDark)
    {
        SKColor[] colors = isDark ? s_dark : s_light;
        return colors[index % colors.Length];
    }

    private static SKColor[] Parse(string colors) => [.. colors.Split(' ').Select(c => SKColor.Parse("#" + c))];
}
