namespace Lamina.Runs.Text;

/// <summary>Quotes words of a command for a shell.</summary>
internal static class ShellWords
{
    /// <summary>Joins words with spaces, each in single quotes if a shell would interpret a character.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>Quotes one word if necessary.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./:=,+%@\\".Contains(c))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
