using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A group of a tfjs manifest: weights that are contiguous in the concatenation of the shards.</summary>
/// <param name="Paths">The shards, below the folder of model.json.</param>
/// <param name="Weights">The weights in order.</param>
internal sealed record TfjsGroup(IReadOnlyList<string> Paths, IReadOnlyList<TfjsWeight> Weights);

/// <summary>The <c>weightsManifest</c> of a model.json.</summary>
internal static class TfjsManifest
{
    private const int MaxShards = 100_000;

    /// <summary>Reads and checks the manifest against the shards' lengths.</summary>
    /// <exception cref="ModelFileException">
    /// The manifest is malformed, or a shard is missing, too short or too long.
    /// </exception>
    public static IReadOnlyList<TfjsGroup> Read(JsonNode? node, string file)
    {
        if (node is not JsonArray groups)
        {
            throw new ModelFileException($"{file}: \"weightsManifest\" is missing or not an array.");
        }
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var shards = new HashSet<string>(StringComparer.Ordinal);
        var result = new List<TfjsGroup>();
        foreach (JsonNode? item in groups)
        {
            if (
                item is not JsonObject group
                || group["paths"] is not JsonArray paths
                || group["weights"] is not JsonArray list
            )
            {
                throw new ModelFileException(
                    $"{file}: a group of \"weightsManifest\" does not have \"paths\" and \"weights\"."
                );
            }
            TfjsWeight[] weights = [.. list.Select(w => TfjsWeight.Read(w, file))];
            if (weights.FirstOrDefault(w => !names.Add(w.Name)) is { } twice)
            {
                throw new ModelFileException($"{file}: weight {Quoted.Name(twice.Name)} occurs twice.");
            }
            string[] files = [.. paths.Select(p => ShardPath(p, folder, file))];
            if (files.FirstOrDefault(f => !shards.Add(f)) is { } shard || shards.Count > MaxShards)
            {
                throw new ModelFileException($"{file}: a shard is named twice, or there are more than {MaxShards}.");
            }
            RequireLengths(files, weights, file);
            result.Add(new TfjsGroup(files, weights));
        }
        return result;
    }

    private static string ShardPath(JsonNode? node, string folder, string file)
    {
        if (node is not JsonValue value || !value.TryGetValue(out string? name))
        {
            throw new ModelFileException($"{file}: a path of \"weightsManifest\" is not a string.");
        }
        // Only names below the folder: nothing absolute, no parent folders, no drive, no link to elsewhere.
        if (
            name.Length == 0
            || name.Any(c => char.IsControl(c) || c is '\\' or ':')
            || name.Split('/').Any(part => part is "" or "." or "..")
        )
        {
            throw new ModelFileException(
                $"{file}: the shard {Quoted.Name(name)} is not in the folder of the file, as shards must be."
            );
        }
        string path = Path.Combine(folder, name);
        try
        {
            string real = folder;
            foreach (string part in name.Split('/'))
            {
                real = Path.Combine(real, part);
                if (new FileInfo(real).LinkTarget is not null)
                {
                    throw new ModelFileException(
                        $"{file}: the shard {Quoted.Name(name)} is a link; shards must be files."
                    );
                }
            }
            if (!File.Exists(path))
            {
                throw new ModelFileException($"{file}: the shard {Quoted.Name(name)} is missing.");
            }
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
        return path;
    }

    private static void RequireLengths(string[] shards, TfjsWeight[] weights, string file)
    {
        long length = 0;
        long needed = 0;
        try
        {
            foreach (string shard in shards)
            {
                length = checked(length + new FileInfo(shard).Length);
            }
            foreach (TfjsWeight weight in weights)
            {
                needed = checked(needed + weight.Bytes);
            }
        }
        catch (OverflowException e)
        {
            throw new ModelFileException($"{file}: its weights have more than 2^63 bytes.", e);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(file, e);
        }
        if (length != needed)
        {
            throw new ModelFileException(
                $"{file}: the shards of a group have {length} bytes, but its weights need {needed}. Use another copy of the model."
            );
        }
    }
}
