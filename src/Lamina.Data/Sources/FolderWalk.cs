namespace Lamina;

/// <summary>Lists files below a folder. Links to folders are followed, but not back to where the walk came from.</summary>
internal static class FolderWalk
{
    /// <summary>Adds the files with one of these extensions, at any depth; what starts with a dot is left out.</summary>
    public static void Collect(string folder, HashSet<string> extensions, List<string> found) =>
        Collect(new DirectoryInfo(folder), extensions, found, []);

    private static void Collect(
        DirectoryInfo folder,
        HashSet<string> extensions,
        List<string> found,
        List<string> ancestors
    )
    {
        string real = folder.LinkTarget is null
            ? folder.FullName
            : folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName;
        if (ancestors.Contains(real))
        {
            return;
        }
        ancestors.Add(real);
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.'))
            {
                continue;
            }
            if (entry is DirectoryInfo inner)
            {
                Collect(inner, extensions, found, ancestors);
            }
            else if (extensions.Contains(entry.Extension))
            {
                found.Add(entry.ToString());
            }
        }
        ancestors.RemoveAt(ancestors.Count - 1);
    }
}
