namespace Lamina.Runs.Text;

/// <summary>Words of a command as a shell takes them.</summary>
internal static class ShellWords
{
    /// <summary>The words with spaces between, each in single quotes where a shell would take a character for something else.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>One word.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:=,+%@\\".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
