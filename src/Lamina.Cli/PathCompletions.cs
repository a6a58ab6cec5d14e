using System.CommandLine;
using System.CommandLine.Completions;

namespace Lamina.Cli;

/// <summary>Completions for arguments that accept names or paths; shells complete paths only if there are no names.</summary>
internal static class PathCompletions
{
    private const int Most = 500;

    /// <summary>Adds completions to an argument.</summary>
    public static void Add(Argument argument, IEnumerable<string> names)
    {
        // Without a help name, help would list the completions: the files of the folder.
        argument.HelpName = argument.Name;
        argument.CompletionSources.Add(With(names));
    }

    /// <summary>Returns completions of names, and of files and folders with the prefix.</summary>
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
