namespace Lamina;

/// <summary>Resolves links in paths, to find out whether two paths name the same folder.</summary>
internal static class RealPath
{
    // The limit of Linux for one path.
    private const int MostLinks = 40;

    /// <summary>Resolves every link in a path.</summary>
    /// <param name="path">An existing path.</param>
    /// <returns>The path without links; <see langword="null"/> if its links are circular.</returns>
    public static string? Of(string path)
    {
        string full = Path.GetFullPath(path);
        string at = Path.GetPathRoot(full)!;
        var rest = new Stack<string>();
        Push(full[at.Length..]);
        int links = 0;
        while (rest.TryPop(out string? part))
        {
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? at;
                continue;
            }
            string next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks)
            {
                return null;
            }
            if (Path.IsPathRooted(target))
            {
                at = Path.GetPathRoot(target)!;
                target = target[at.Length..];
            }
            Push(target);
        }
        return at;

        void Push(string relative)
        {
            foreach (
                string part in relative.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse()
            )
            {
                if (part is not ("" or "."))
                {
                    rest.Push(part);
                }
            }
        }
    }

    /// <summary>Returns <see langword="true"/> if a folder equals or contains another; both without links.</summary>
    public static bool Contains(string folder, string other) =>
        other == folder
        || other.StartsWith(
            Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        );
}
