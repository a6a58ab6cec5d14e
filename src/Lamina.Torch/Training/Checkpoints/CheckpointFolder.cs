using System.Globalization;

namespace Lamina;

/// <summary>A folder of checkpoints, <c>step-00001234.lamina</c>, of which the newest intact one counts.</summary>
/// <param name="path">The folder, created with the first checkpoint.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step-";

    /// <summary>The folder.</summary>
    public string Root => path;

    /// <summary>Returns the newest intact checkpoint; <see langword="null"/> if there are no checkpoints.</summary>
    /// <param name="onDamaged">Receives a line for each newer checkpoint that is damaged.</param>
    /// <exception cref="LaminaException">There are checkpoints, but none is intact.</exception>
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
                onDamaged($"skipped a checkpoint: {e.Message}");
            }
        }
        return files.Count == 0
            ? null
            : throw new LaminaException(
                $"{path}: none of its {files.Count} checkpoint(s) is intact. Delete the folder to start over."
            );
    }

    /// <summary>Saves a checkpoint, then removes those that are no longer needed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="state">The position of the run.</param>
    /// <param name="keep">The number of checkpoints to keep, at least 1.</param>
    /// <param name="metadata">Further metadata for readers of the model.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LaminaException">The file cannot be written; existing checkpoints are kept.</exception>
    public string Save(FitRun run, FitState state, int keep, System.Text.Json.Nodes.JsonObject? metadata)
    {
        MakeFolder();
        long step = run.Compiled.Step;
        string file = Path.Combine(path, FormattableString.Invariant($"{Prefix}{step:D8}{ModelArchive.Extension}"));
        Checkpoint.Save(file, run, state, metadata);
        int kept = 0;
        foreach ((long other, string old) in Files())
        {
            // A later checkpoint is useless: the run resumed from before it because it was damaged.
            if (other > step || ++kept > keep)
            {
                TemporaryFile.TryDelete(old);
            }
        }
        return file;
    }

    /// <summary>Deletes all checkpoints, and the folder if it is then empty.</summary>
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

    /// <summary>Returns the checkpoints, newest first, without verifying them.</summary>
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
