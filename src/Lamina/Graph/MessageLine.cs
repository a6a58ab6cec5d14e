using System.Text;

namespace Lamina;

/// <summary>
/// Formats messages as one line of bounded length, whatever names, paths and values they quote. Control characters
/// never reach a terminal, and a log never gets a second line.
/// </summary>
internal static class MessageLine
{
    private const int MaxLength = 8000;
    private const int TailLength = 1000;

    /// <summary>
    /// Returns the message on one line. If it is very long, both ends are kept: they say where, and what to do.
    /// </summary>
    public static string Of(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Length > MaxLength)
        {
            message = $"{message.AsSpan(0, MaxLength - TailLength)} … {message.AsSpan(message.Length - TailLength)}";
        }
        for (int i = 0; i < message.Length; i++)
        {
            if (IsUnsafe(message, i))
            {
                return Replaced(message);
            }
        }
        return message;
    }

    private static string Replaced(string message)
    {
        var line = new StringBuilder(message);
        for (int i = 0; i < line.Length; i++)
        {
            if (IsUnsafe(message, i))
            {
                line[i] = char.IsWhiteSpace(message[i]) ? ' ' : '?';
            }
        }
        return line.ToString();
    }

    // U+2028 and U+2029 end lines; U+202A and following and U+2066 and following change the direction of text; halves
    // of surrogate pairs are not characters.
    private static bool IsUnsafe(string text, int at)
    {
        char c = text[at];
        return c < 0x80
            ? char.IsControl(c)
            : char.IsControl(c)
                || c is (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069')
                || (char.IsHighSurrogate(c) && !(at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])))
                || (char.IsLowSurrogate(c) && !(at > 0 && char.IsHighSurrogate(text[at - 1])));
    }
}
