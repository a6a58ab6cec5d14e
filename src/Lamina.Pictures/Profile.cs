using System.Globalization;
using Lamina.Drawing;
using SkiaSharp;

namespace Lamina;

/// <summary>A bar of a profile's picture.</summary>
/// <param name="Kind">The part of the step, which sets the color: "forward", "backward", "update".</param>
/// <param name="Label">The label, such as "conv2d_1".</param>
/// <param name="Detail">A detail, such as "oneDNN convolution"; may be empty.</param>
/// <param name="Milliseconds">The length of the bar, at least 0.</param>
/// <param name="PeakShare">
/// The fraction of the machine's peak, usually 0 to 1: that much of the bar is dark. <see langword="null"/> if unknown.
/// </param>
public sealed record ProfileBar(string Kind, string Label, string Detail, double Milliseconds, double? PeakShare);

public static partial class RunPictures
{
    private const float BarRow = 17;
    private const float BarLabels = 330;
    private const float BarRoom = 460;
    private const float BarNumbers = 190;
    private const float BarTop = 86;
    private const int MostBars = 2000;

    /// <summary>
    /// Draws the times of a step: one bar per kernel, from top to bottom in order of execution. The dark part of a bar is the
    /// time at the machine's limit; the pale part could be saved.
    /// </summary>
    /// <param name="path">The .png or .svg to write.</param>
    /// <param name="title">The heading.</param>
    /// <param name="subtitle">A line under it; may be empty.</param>
    /// <param name="bars">The bars, at least one.</param>
    /// <exception cref="ArgumentException">There are no bars, or one is negative or no number.</exception>
    /// <exception cref="LaminaException">The extension is another, there are too many bars, or the file cannot be written.</exception>
    public static void Profile(string path, string title, string subtitle, IReadOnlyList<ProfileBar> bars)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(subtitle);
        ArgumentNullException.ThrowIfNull(bars);
        if (bars.Count == 0 || bars.Any(b => !double.IsFinite(b.Milliseconds) || b.Milliseconds < 0))
        {
            throw new ArgumentException("A profile needs bars, and each a length of at least 0.", nameof(bars));
        }
        if (bars.Count > MostBars)
        {
            throw new LaminaException($"A picture of {bars.Count} kernels is too tall; at most {MostBars} fit.");
        }
        string[] kinds = [.. bars.Select(b => b.Kind).Distinct()];
        using var sketch = Sketch.For(path, BarLabels + BarRoom + BarNumbers, BarTop + (bars.Count * BarRow) + 16);
        sketch.Text(title, 16, 22, 16, PictureColors.Ink, bold: true);
        sketch.Text(subtitle, 16, 44, 12, PictureColors.Muted);
        DrawKinds(sketch, kinds);
        double total = bars.Sum(b => b.Milliseconds);
        double longest = Math.Max(bars.Max(b => b.Milliseconds), double.Epsilon);
        for (int i = 0; i < bars.Count; i++)
        {
            DrawBar(sketch, BarTop + (i * BarRow), bars[i], ColorOf(kinds, bars[i].Kind), longest, total);
        }
        sketch.Line(BarLabels, BarTop - 2, BarLabels, BarTop + (bars.Count * BarRow), PictureColors.Muted);
        sketch.Save(path);
    }

    private static void DrawKinds(Sketch sketch, string[] kinds)
    {
        float x = 16;
        foreach (string kind in kinds)
        {
            sketch.Fill(SKRect.Create(x, 61, 10, 10), ColorOf(kinds, kind));
            sketch.Text(kind, x + 15, 66, 12, PictureColors.Ink);
            x += 15 + Sketch.Measure(kind, 12) + 18;
        }
        sketch.Text("dark: the time at the machine's limit", x, 66, 12, PictureColors.Muted);
    }

    private static void DrawBar(Sketch sketch, float top, ProfileBar bar, SKColor color, double longest, double total)
    {
        float middle = top + (BarRow / 2);
        string label = Sketch.Fit(bar.Label, 11, BarLabels / 2);
        float used = Sketch.Measure(label, 11) + 24;
        sketch.Text(label, 16, middle, 11, PictureColors.Ink);
        sketch.Text(
            Sketch.Fit(bar.Detail, 10, BarLabels - used - 10),
            BarLabels - 8,
            middle,
            10,
            PictureColors.Muted,
            TextAlign.Right
        );
        var length = (float)(BarRoom * bar.Milliseconds / longest);
        var whole = SKRect.Create(BarLabels, top + 2, length, BarRow - 4);
        sketch.Fill(whole, bar.PeakShare is null ? color : Pale(color));
        if (bar.PeakShare is { } share)
        {
            whole.Right = whole.Left + (length * (float)Math.Clamp(share, 0, 1));
            sketch.Fill(whole, color);
        }
        string percent = total > 0 ? Invariant($"  {100 * bar.Milliseconds / total:0.0} %") : "";
        string peak = bar.PeakShare is { } reached ? Invariant($"  {100 * reached:0} % of peak") : "";
        sketch.Text(
            Invariant($"{bar.Milliseconds:0.00} ms{percent}{peak}"),
            BarLabels + length + 6,
            middle,
            10,
            PictureColors.Muted
        );
    }

    private static SKColor ColorOf(string[] kinds, string kind)
    {
        ReadOnlySpan<SKColor> others = [PictureColors.Muted, PictureColors.Ink, PictureColors.Bar];
        return kind switch
        {
            "forward" => PictureColors.Blue,
            "backward" => PictureColors.Orange,
            "update" => PictureColors.Red,
            _ => others[Array.IndexOf(kinds, kind) % others.Length],
        };
    }

    private static SKColor Pale(SKColor color) => new(Blend(color.Red), Blend(color.Green), Blend(color.Blue));

    private static byte Blend(byte channel) => (byte)(255 - ((255 - channel) * 2 / 5));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
