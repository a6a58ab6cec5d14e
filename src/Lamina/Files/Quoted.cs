using System.Text;

namespace Lamina;

/// <summary>Formats text from files for error messages: on one line, of bounded length.</summary>
internal static class Quoted
{
    private const int MaxLength = 100;

    /// <summary>
    /// Returns the text in single quotes, with control characters replaced, cut after 100 characters.
    /// </summary>
    public static string Name(string text) => $"'{Line(text, MaxLength)}'";

    /// <summary>Returns the text on one line, cut after <paramref name="maxLength"/> characters.</summary>
    public static string Line(string text, int maxLength = 1000)
    {
        var line = new StringBuilder(Math.Min(text.Length, maxLength) + 1);
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, maxLength)))
        {
            // U+2028 and U+2029 break lines, too; lone surrogates do not survive a terminal.
            line.Append(char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '?' : c);
        }
        return text.Length > maxLength ? line.Append('…').ToString() : line.ToString();
    }
}
