using System.Globalization;
using System.Text.RegularExpressions;

namespace Lamina;

/// <summary>
/// Names of shards: <c>shard-{000..009}.tar</c>, <c>{train,extra}-*.tar</c>, several of them separated by <c>::</c>, or a
/// folder of <c>.tar</c> files. Addresses on servers have the same forms, but no wildcards.
/// </summary>
internal static partial class ShardPattern
{
    private const int MostShards = 100_000;
    private const string Separator = "::";

    /// <summary>Returns <see langword="true"/> if a source is named like shards: a .tar file, or a folder that contains some.</summary>
    public static bool Fits(string source)
    {
        if (!Directory.Exists(source))
        {
            return source.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) || HttpAccess.IsAddress(source);
        }
        try
        {
            // A downloaded archive may lie beside the folders that were unpacked from it.
            return TarsIn(source).Any() && !Directory.EnumerateDirectories(source).Any(ImageFolder.HasImages);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error is reported where the folder is opened.
            return false;
        }
    }

    /// <summary>Returns the part that a file name states: <c>train-0001.tar</c>; <see langword="null"/> for none.</summary>
    public static string? PartOf(string path) =>
        Words()
            .Matches(Path.GetFileNameWithoutExtension(HttpAccess.IsAddress(path) ? HttpAccess.PathOf(path) : path))
            .Select(w => DataPart.Of(w.Value))
            .FirstOrDefault(p => p is not null);

    /// <summary>Returns the shards of a source in ordinal order; those of a folder may be limited to a part.</summary>
    /// <exception cref="DataException">There are none, or the pattern is malformed.</exception>
    public static string[] Shards(string source, string? part)
    {
        string[] all;
        try
        {
            all = Directory.Exists(source)
                ? [.. TarsIn(source).Where(t => part is null || PartOf(t) == part).Order(StringComparer.Ordinal)]
                : [.. Expand(source).SelectMany(Files)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(source, $"cannot be listed ({e.Message}).", e);
        }
        return all.Length > 0
            ? all
            : throw new DataException(source, part is null ? "no such shards (.tar)." : $"has no shards for {part}.");
    }

    /// <summary>Expands <c>{000..009}</c> and <c>{a,b}</c>, several of which multiply, in a list separated by <c>::</c>.</summary>
    public static IReadOnlyList<string> Expand(string list) =>
        list.Contains(Separator, StringComparison.Ordinal)
            ? [.. list.Split(Separator, StringSplitOptions.RemoveEmptyEntries).SelectMany(ExpandOne)]
            : ExpandOne(list);

    private static List<string> ExpandOne(string pattern)
    {
        List<string> done = [""];
        int at = 0;
        foreach (Match braces in Braces().Matches(pattern))
        {
            string before = pattern[at..braces.Index];
            at = braces.Index + braces.Length;
            string[] choices = Choices(braces, pattern);
            if ((long)done.Count * choices.Length > MostShards)
            {
                throw TooMany(pattern);
            }
            done = [.. done.SelectMany(d => choices.Select(c => d + before + c))];
        }
        return [.. done.Select(d => d + pattern[at..])];
    }

    private static string[] Choices(Match braces, string pattern)
    {
        if (!braces.Groups["from"].Success)
        {
            return braces.Groups["list"].Value.Split(',');
        }
        string from = braces.Groups["from"].Value;
        if (
            !long.TryParse(from, CultureInfo.InvariantCulture, out long first)
            || !long.TryParse(braces.Groups["to"].Value, CultureInfo.InvariantCulture, out long last)
            || last - first >= MostShards
        )
        {
            throw TooMany(pattern);
        }
        if (last < first)
        {
            throw new DataException(pattern, $"the range {braces.Value} ends before it begins.");
        }
        string format = "D" + from.Length.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. Enumerable
                .Range(0, (int)(last - first) + 1)
                .Select(i => (first + i).ToString(format, CultureInfo.InvariantCulture)),
        ];
    }

    private static DataException TooMany(string pattern) =>
        new(pattern, $"names more than {MostShards} shards. Use a smaller range.");

    private static IEnumerable<string> Files(string path)
    {
        string name = Path.GetFileName(path);
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        return HttpAccess.IsAddress(path) || !name.AsSpan().ContainsAny('*', '?') || File.Exists(path) ? [path]
            : Directory.Exists(folder)
                ? Directory
                    .EnumerateFiles(folder, name)
                    .Where(f => f.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal)
            : [];
    }

    private static IEnumerable<string> TarsIn(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Where(f =>
                f.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) && !FolderWalk.IsIgnored(Path.GetFileName(f))
            );

    [GeneratedRegex(@"\{(?:(?<from>\d+)\.\.(?<to>\d+)|(?<list>[^{}]*,[^{}]*))\}")]
    private static partial Regex Braces();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Words();
}
