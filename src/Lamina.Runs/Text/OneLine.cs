namespace Lamina.Runs.Text;

/// <summary>Text as one line, whatever file names and classes it quotes.</summary>
internal static class OneLine
{
    /// <summary>
    /// Returns the text without line breaks and other control characters, which file names may contain, and without those
    /// that change the direction of what follows.
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
