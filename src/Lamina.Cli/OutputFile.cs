namespace Lamina.Cli;

/// <summary>Files that a command is to write, looked at before it computes for minutes.</summary>
internal static class OutputFile
{
    /// <summary>Refuses a file that cannot be written, as far as its path tells.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <exception cref="LaminaException">It is a folder, or there is no folder for it.</exception>
    public static void Require(string? path)
    {
        if (path is null)
        {
            return;
        }
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Name a file.");
        }
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new LaminaException($"{path}: there is no folder {folder}. Make it, or name another file.");
        }
    }
}
