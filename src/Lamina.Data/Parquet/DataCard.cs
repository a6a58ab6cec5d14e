using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lamina;

/// <summary>The names of classes as Hugging Face's data sets state them: in a file's metadata, or in the README.</summary>
internal static partial class DataCard
{
    private const string FileName = "README.md";
    private const int MostClasses = 1_000_000;
    private const long MostBytes = 16 << 20;

    /// <summary>Returns the names of a column in the metadata of a file (JSON); <see langword="null"/> for none.</summary>
    public static string[]? ClassesOf(string metadata, string column)
    {
        try
        {
            using var json = JsonDocument.Parse(metadata);
            return
                json.RootElement.TryGetProperty("info", out JsonElement info)
                && info.TryGetProperty("features", out JsonElement features)
                && features.TryGetProperty(column, out JsonElement feature)
                && feature.TryGetProperty("names", out JsonElement names)
                && names.GetArrayLength() is > 0 and <= MostClasses
                ? [.. names.EnumerateArray().Select(n => n.GetString()!)]
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Numbers serve as names.
            return null;
        }
    }

    /// <summary>Returns the names in README.md beside a file or above its folder; <see langword="null"/> for none.</summary>
    public static string[]? ClassesBeside(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        foreach (string? place in (string?[])[folder, Path.GetDirectoryName(folder)])
        {
            string card = Path.Combine(place ?? folder, FileName);
            try
            {
                if (File.Exists(card) && new FileInfo(card).Length <= MostBytes)
                {
                    return ClassesIn(File.ReadAllText(card));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Numbers serve as names.
                return null;
            }
        }
        return null;
    }

    /// <summary>Returns the names of the first <c>class_label</c> in a README's header (YAML).</summary>
    public static string[]? ClassesIn(string card)
    {
        Match list = ClassList().Match(card);
        var names = new List<string>();
        foreach (Match line in ClassLine().Matches(list.Groups["lines"].Value))
        {
            string name = line.Groups["name"].Value.Trim();
            if (line.Groups["number"].Value != $"{names.Count}" || names.Count == MostClasses)
            {
                return null;
            }
            bool isQuoted = name.Length > 1 && name[0] == name[^1] && name[0] is '\'' or '"';
            names.Add(isQuoted ? name[1..^1].Replace("''", "'", StringComparison.Ordinal) : name);
        }
        return names.Count > 0 ? [.. names] : null;
    }

    [GeneratedRegex(
        @"class_label:[ \t]*\r?\n[ \t]+names:[ \t]*\r?\n(?<lines>(?:[ \t]+['""]?\d+['""]?:[^\r\n]*\r?\n)+)"
    )]
    private static partial Regex ClassList();

    [GeneratedRegex(@"['""]?(?<number>\d+)['""]?:(?<name>[^\r\n]*)")]
    private static partial Regex ClassLine();
}
