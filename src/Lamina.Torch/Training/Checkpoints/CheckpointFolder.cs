using System.Globalization;

namespace Lamina;

/// <summary>A folder of checkpoints, <c>step-00001234.lamina</c>, of which the newest whole one counts.</summary>
/// <param name="path">The folder, made when the first is saved.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-";

    /// <summary>The folder.</summary>
    public string Root => path;

    /// <summary>The newest checkpoint that is whole; null if there is none at all.</summary>
    /// <param name="onDamaged">Gets a line for each newer one that is not.</param>
    /// <exception cref="LaminaException">There are some, and none is whole.</exception>
    public Checkpoint? Newest(Action<string> onDamaged)
    {
        IReadOnlyList<(long Step, string File)> files = Files();
        if (Directory.Exists(path))
        {
            TemporaryFile.RemoveAllLeftovers(path, ModelArchive.Extension);
        }
        foreach ((_, string file) in files)
        {
            try
            {
                return Checkpoint.Load(file);
            }
            catch (ModelFileException e)
            {
                onDamaged($"passed over a checkpoint: {e.Message}");
            }
        }
        return files.Count == 0
            ? null
            : throw new LaminaException(
                $"{path}: none of its {files.Count} checkpoint(s) is whole. Delete the folder to begin anew."
            );
    }

    /// <summary>Saves a checkpoint, and when it is safe removes what is no longer needed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="state">Where it is.</param>
    /// <param name="keep">How many to keep, at least 1.</param>
    /// <param name="metadata">What else a reader of the model may want.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LaminaException">It cannot be written; those that were there still are.</exception>
    public string Save(FitRun run, FitState state, int keep, System.Text.Json.Nodes.JsonObject? metadata)
    {
        MakeFolder();
        long step = run.Compiled.Step;
        string file = Path.Combine(path, FormattableString.Invariant($"{Prefix}{step:D8}{ModelArchive.Extension}"));
        Checkpoint.Save(file, run, state, metadata);
        int kept = 0;
        foreach ((long other, string old) in Files())
        {
            // A later one is of no use: the run went back behind it because it was damaged.
            if (other > step || ++kept > keep)
            {
                TemporaryFile.TryDelete(old);
            }
        }
        return file;
    }

    /// <summary>Removes all checkpoints, and the folder if nothing else is in it.</summary>
    public void Clear()
    {
        foreach ((_, string file) in Files())
        {
            TemporaryFile.TryDelete(file);
        }
        if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
        {
            Directory.Delete(path);
        }
    }

    /// <summary>The checkpoints, newest first; whether they are whole is not looked at.</summary>
    public IReadOnlyList<(long Step, string File)> Files()
    {
        if (!Directory.Exists(path))
        {
            return [];
        }
        var found = new List<(long, string)>();
        foreach (string file in Directory.GetFiles(path))
        {
            string name = Path.GetFileName(file);
            if (
                name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.EndsWith(ModelArchive.Extension, StringComparison.Ordinal)
                && long.TryParse(
                    name.AsSpan(Prefix.Length, name.Length - Prefix.Length - ModelArchive.Extension.Length),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out long step
                )
            )
            {
                found.Add((step, file));
            }
        }
        return [.. found.OrderByDescending(f => f.Item1)];
    }

    private void MakeFolder()
    {
        if (Directory.Exists(path))
        {
            return;
        }
        try
        {
            Directory.CreateDirectory(path);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }
}
