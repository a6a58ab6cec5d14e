namespace Lamina.Cli;

/// <summary>Checks output files before a long computation.</summary>
internal static class OutputFile
{
    /// <summary>Refuses a path that cannot be written.</summary>
    /// <param name="path">The path; null for none.</param>
    /// <exception cref="LaminaException">The path is a folder, or its folder does not exist.</exception>
    public static void Require(string? path)
    {
        if (path is null)
        {
            return;
        }
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Use a file name.");
        }
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new LaminaException($"{path}: folder {folder} does not exist. Create it, or use another path.");
        }
    }
}
