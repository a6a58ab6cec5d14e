using System.CommandLine;
using System.CommandLine.Completions;

namespace Lamina.Cli;

/// <summary>Completions for arguments that accept a name or a path: shells complete paths only where no name could stand.</summary>
internal static class PathCompletions
{
    private const int Most = 500;

    /// <summary>Completes an argument.</summary>
    public static void Add(Argument argument, IEnumerable<string> names)
    {
        // Without a name of its own, help shows the completions in its place: the folder's files.
        argument.HelpName = argument.Name;
        argument.CompletionSources.Add(With(names));
    }

    /// <summary>Returns the names, and the files and folders that begin as the word does.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> With(IEnumerable<string> names) =>
        context => names.Concat(Of(context.WordToComplete)).Select(n => new CompletionItem(n));

    private static IEnumerable<string> Of(string word)
    {
        string folder = Path.GetDirectoryName(word) ?? "";
        try
        {
            return
            [
                .. Directory
                    .EnumerateFileSystemEntries(folder.Length > 0 ? folder : ".")
                    .Select(p => Path.Combine(folder, Path.GetFileName(p)))
                    .Where(p => p.StartsWith(word, StringComparison.Ordinal) && !p.Any(char.IsControl))
                    .Take(Most),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
