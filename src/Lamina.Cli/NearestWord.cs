namespace Lamina.Cli;

/// <summary>Suggestions for mistyped words.</summary>
internal static class NearestWord
{
    /// <summary>Returns " Did you mean …?", or an empty string if no word is similar.</summary>
    public static string Suggestion(string given, IEnumerable<string> words) =>
        Find(given, words) is { } word ? $" Did you mean {word}?" : "";

    /// <summary>Returns the nearest word by edit distance or common beginning; null if none is similar.</summary>
    public static string? Find(string given, IEnumerable<string> words)
    {
        string plain = Plain(given);
        return words
            .Select(word => (Word: word, Plain: Plain(word)))
            .Select(w => (w.Word, w.Plain, Distance: Distance(plain, w.Plain)))
            .Where(w => IsNear(plain, w.Plain, w.Distance))
            .OrderBy(w => w.Distance)
            .Select(w => w.Word)
            .FirstOrDefault();
    }

    // Shorter prefixes would match almost anything.
    private static bool IsNear(string given, string word, int distance) =>
        distance <= Math.Max(1, Math.Min(given.Length, word.Length) / 3)
        || (
            Math.Min(given.Length, word.Length) >= 3
            && (word.StartsWith(given, StringComparison.Ordinal) || given.StartsWith(word, StringComparison.Ordinal))
        );

    private static string Plain(string word) => word.TrimStart('-', '–', '—', '−').ToLowerInvariant();

    /// <summary>Returns the edit distance with swaps of neighbors (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }
                int change = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int least = Math.Min(change, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                edits[i, j] = swapped ? Math.Min(least, edits[i - 2, j - 2] + 1) : least;
            }
        }
        return edits[a.Length, b.Length];
    }
}
