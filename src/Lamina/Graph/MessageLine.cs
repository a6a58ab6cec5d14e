using System.Text;

namespace Lamina;

/// <summary>
/// Messages as one line of bounded length, whatever names, paths and values of users and files they quote: a terminal gets no
/// control characters and a log no second line.
/// </summary>
internal static class MessageLine
{
    private const int MaxLength = 8000;
    private const int TailLength = 1000;

    /// <summary>The message on one line. Both its ends are kept if it is very long: they say where, and what to do.</summary>
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

    // U+2028 and U+2029 end lines; U+202A and on, U+2066 and on turn the direction of what follows; halves of surrogate pairs
    // are no characters.
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
