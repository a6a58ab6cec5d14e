using System.Globalization;
using System.Text;
using AnyAscii;

namespace Lamina.Drawing;

/// <summary>Latin transliterations of characters that no available font can draw.</summary>
internal static class Transliteration
{
    /// <summary>Transliterates a text to ASCII: "猫" becomes "Mao"; other characters become their codes, such as U+E000.</summary>
    public static string Of(string text)
    {
        var spelled = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            string ascii = rune.ToString().Transliterate();
            if (ascii.Length > 0)
            {
                spelled.Append(ascii);
            }
            else if (NeedsGlyph(rune))
            {
                spelled.Append(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
            }
        }
        return spelled.ToString();
    }

    private static bool NeedsGlyph(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark);
}
