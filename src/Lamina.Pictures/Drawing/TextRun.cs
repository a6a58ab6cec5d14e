using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Lamina.Drawing;

/// <summary>A run of text in one font and one direction.</summary>
/// <param name="Face">The font.</param>
/// <param name="Text">The characters, in reading order.</param>
/// <param name="IsRightToLeft"><see langword="true"/> for right-to-left scripts such as Arabic and Hebrew.</param>
internal sealed record TextRun(SKTypeface Face, string Text, bool IsRightToLeft)
{
    /// <summary><see langword="true"/> if each character maps to one glyph, side by side.</summary>
    public bool IsSimple => !IsRightToLeft && Text.All(c => c is < '\u0300' or (>= '\u2010' and < '\u2C00'));

    /// <summary>Splits a text into runs, in visual order from left to right.</summary>
    public static IReadOnlyList<TextRun> Split(string text, bool bold, FallbackFonts fallback)
    {
        var runs = new List<TextRun>();
        bool? direction = null;
        foreach (string cluster in Clusters(Clean(text)))
        {
            (SKTypeface face, string drawn) = Choose(cluster, bold, fallback);
            // Spaces, digits and signs have the direction of the preceding text.
            bool rightToLeft = DirectionOf(drawn) ?? (runs is [.., var before] && before.IsRightToLeft);
            direction ??= DirectionOf(drawn);
            if (runs is [.., var last] && last.Face == face && last.IsRightToLeft == rightToLeft)
            {
                runs[^1] = last with { Text = last.Text + drawn };
            }
            else if (drawn.Length > 0)
            {
                runs.Add(new TextRun(face, drawn, rightToLeft));
            }
        }
        return Order(runs, direction ?? false);
    }

    /// <summary>Reorders runs by the two levels of Unicode's bidirectional algorithm that names need.</summary>
    private static List<TextRun> Order(List<TextRun> runs, bool startsRightToLeft)
    {
        var ordered = new List<TextRun>(runs);
        if (startsRightToLeft)
        {
            ordered.Reverse();
        }
        for (int i = 0; i < ordered.Count; )
        {
            int end = i;
            while (end < ordered.Count && ordered[end].IsRightToLeft != startsRightToLeft)
            {
                end++;
            }
            ordered.Reverse(i, end - i);
            i = end + 1;
        }
        return ordered;
    }

    private static (SKTypeface Face, string Drawn) Choose(string cluster, bool bold, FallbackFonts fallback)
    {
        SKTypeface own = bold ? Fonts.Bold : Fonts.Regular;
        if (FallbackFonts.Covers(own, cluster))
        {
            return (own, WithoutSelectors(cluster));
        }
        return fallback.Find(cluster, bold) is { } face ? (face, cluster) : (own, Transliteration.Of(cluster));
    }

    /// <summary>Returns the grapheme clusters: a letter with its accents, a joined emoji.</summary>
    private static IEnumerable<string> Clusters(string text)
    {
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }

    /// <summary>Returns the text with composed accents, and marks for characters that cannot be drawn.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        // A lone surrogate becomes U+FFFD.
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) ? Rune.ReplacementChar : rune);
        }
        return clean.ToString().Normalize(NormalizationForm.FormC);
    }

    // Joiners between letters matter in Arabic and Indic scripts; the shipped fonts contain them.
    private static string WithoutSelectors(string cluster) =>
        cluster.Length == 1 ? cluster : string.Concat(cluster.Where(c => c is not (>= '\uFE00' and <= '\uFE0F')));

    /// <summary>Returns the direction of a cluster; <see langword="null"/> for signs and digits, which have none.</summary>
    private static bool? DirectionOf(string cluster)
    {
        if (cluster.Length == 0)
        {
            return null;
        }
        var rune = Rune.GetRuneAt(cluster, 0);
        bool rightToLeft =
            rune.Value
            is (>= 0x0590 and <= 0x08FF)
                or (>= 0xFB1D and <= 0xFDFF)
                or (>= 0xFE70 and <= 0xFEFC)
                or (>= 0x10800 and <= 0x10FFF)
                or (>= 0x1E800 and <= 0x1EFFF);
        return rightToLeft ? true
            : Rune.IsLetter(rune) ? false
            : null;
    }
}
