namespace Lamina;

/// <summary>
/// Lists the files in a folder tree. Each folder is entered once, regardless of links to it; a link to a folder that
/// contains the link is not followed.
/// </summary>
/// <param name="extensions">The extensions of the files to list.</param>
/// <param name="cancellation">Cancels the listing.</param>
internal sealed class FolderWalk(HashSet<string> extensions, CancellationToken cancellation = default)
{
    // Folders that operating systems and archive programs add.
    private static readonly HashSet<string> s_foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        "__MACOSX",
        "@eaDir",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
    };

    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Parent)> _links = [];

    /// <summary>The files found, in ordinal order.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The folders that could not be entered, with reasons.</summary>
    public List<SkippedImage> Skipped { get; } = [];

    /// <summary>Returns <see langword="true"/> for ignored names: hidden ones and those that systems add.</summary>
    public static bool IsIgnored(string name) => name.StartsWith('.') || s_foreign.Contains(name);

    /// <summary>Returns why a link to a folder is not followed; <see langword="null"/> if it can be.</summary>
    /// <param name="link">The link.</param>
    /// <param name="parent">The real path of the folder that contains it.</param>
    public static string? Refusal(string link, string parent) =>
        RealPath.Of(link) switch
        {
            null => "is a circular link.",
            var real when RealPath.Contains(real, parent) =>
                "is a link to a folder that contains it, and was not followed.",
            _ => null,
        };

    /// <summary>Lists the files in a folder, at any depth.</summary>
    public void Collect(string folder)
    {
        Enter(folder, RealPath.Of(folder) ?? folder);
        // Folders come before links to them, so that the path of a file does not depend on the file system's order.
        while (_links.Count > 0)
        {
            (string Path, string Parent)[] links = [.. _links.OrderBy(l => l.Path, StringComparer.Ordinal)];
            _links.Clear();
            foreach ((string path, string parent) in links)
            {
                Follow(path, parent);
            }
        }
        Files.Sort(StringComparer.Ordinal);
    }

    private void Follow(string path, string parent)
    {
        if (Refusal(path, parent) is { } reason)
        {
            Skipped.Add(new SkippedImage(path, reason));
            return;
        }
        Enter(path, RealPath.Of(path) ?? path);
    }

    private void Enter(string folder, string real)
    {
        if (!_entered.Add(real))
        {
            return;
        }
        try
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                cancellation.ThrowIfCancellationRequested();
                if (IsIgnored(entry.Name))
                {
                    continue;
                }
                if (entry is not DirectoryInfo inner)
                {
                    if (extensions.Contains(entry.Extension))
                    {
                        Files.Add(entry.ToString());
                    }
                }
                else if (inner.LinkTarget is null)
                {
                    Enter(inner.ToString(), Path.Combine(real, inner.Name));
                }
                else
                {
                    _links.Add((inner.ToString(), real));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Skipped.Add(new SkippedImage(folder, $"cannot be listed ({e.Message})"));
        }
    }
}
