namespace Lamina.Runs.Text;

/// <summary>Converts text to one line.</summary>
internal static class OneLine
{
    /// <summary>
    /// Returns the text without line breaks and other control characters, which file names may contain, and without
    /// characters that change the text direction.
    /// </summary>
    public static string Of(string text) =>
        string.Concat(
                text.Select(c =>
                    char.IsWhiteSpace(c) ? ' '
                    : char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')
                        ? '\uFFFD'
                    : c
                )
            )
            .Trim();
}
