using Lamina.Runs.Folder;

namespace Lamina.Tuning;

/// <summary>A folder that a search is about to fill, which is removed if the search cannot begin.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Created">The outermost folder that did not exist; <see langword="null"/> if all did.</param>
/// <param name="IsEmpty"><see langword="true"/> if the folder contained no search.</param>
internal sealed record NewFolder(string Folder, string? Created, bool IsEmpty)
{
    /// <summary>Looks at a folder before it is created.</summary>
    public static NewFolder Of(string folder, bool isEmpty)
    {
        string? created = null;
        for (
            string? path = Path.GetFullPath(folder);
            path is not null && !Directory.Exists(path);
            path = Path.GetDirectoryName(path)
        )
        {
            created = path;
        }
        return new NewFolder(folder, created, isEmpty);
    }

    /// <summary>Removes what the search wrote; a folder that contained a search stays.</summary>
    public void Remove()
    {
        if (Created is not null)
        {
            TrialFolder.Delete(Created);
        }
        else if (IsEmpty)
        {
            TrialFolder.Delete([.. Directory.EnumerateFileSystemEntries(Folder).Where(e => !IsLock(e))]);
        }
    }

    // Another process may hold it.
    private static bool IsLock(string path) => Path.GetFileName(path) == RunLock.FileName;
}
