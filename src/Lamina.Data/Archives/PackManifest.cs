using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lamina;

/// <summary>
/// The index of a folder of packed shards, <c>pack.json</c>: the settings, the source, and the checksum of each finished
/// shard.
/// </summary>
internal sealed record PackManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "pack.json";

    /// <summary>The version of the format.</summary>
    public const string CurrentFormat = "lamina pack 1";

    private const long MostBytes = 256L << 20;

    /// <summary>The version.</summary>
    public required string Format { get; init; }

    /// <summary>The short side in pixels.</summary>
    public required int Side { get; init; }

    /// <summary>The quality of JPEG; 0 for raw pixels.</summary>
    public required int Quality { get; init; }

    /// <summary>The seed of the order.</summary>
    public required long Seed { get; init; }

    /// <summary>The number of images in a shard, including skipped ones.</summary>
    public required int ImagesPerShard { get; init; }

    /// <summary>The parts.</summary>
    public required IReadOnlyList<PackedPart> Parts { get; init; }

    /// <summary>The finished shards, in the order of the parts.</summary>
    public required IReadOnlyList<PackedShard> Shards { get; init; }

    /// <summary>The names of all shards, finished or not.</summary>
    [JsonIgnore]
    public IEnumerable<string> AllShards =>
        Parts.SelectMany(p => Enumerable.Range(0, ShardsOf(p.Images)).Select(i => NameOf(p.Name, i)));

    /// <summary>Returns the number of shards for a number of images.</summary>
    public int ShardsOf(int images) => (int)(((long)images + ImagesPerShard - 1) / ImagesPerShard);

    /// <summary>Returns the name of a shard.</summary>
    public static string NameOf(string part, int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{part}-{shard:D6}.tar");

    /// <summary>Reads the index of a folder.</summary>
    /// <returns>The index; <see langword="null"/> if there is none.</returns>
    /// <exception cref="DataException">The file is damaged or of another version.</exception>
    public static PackManifest? Find(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? Parse(File.ReadAllBytes(path), path)
                : throw new DataException(path, "is too large for an index of shards. Pack into another folder.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>Parses an index.</summary>
    /// <param name="json">The content of the file.</param>
    /// <param name="path">The name of the file in errors.</param>
    /// <exception cref="DataException">The file is damaged or of another version.</exception>
    public static PackManifest Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            return
                JsonSerializer.Deserialize(json, PackJson.Default.PackManifest)
                    is { Format: CurrentFormat, ImagesPerShard: > 0 } found
                && found.Parts.All(p => p.Images > 0)
                ? found
                : throw new DataException(
                    path,
                    $"is not an index of shards ({CurrentFormat}). Pack into another folder."
                );
        }
        catch (JsonException e)
        {
            throw new DataException(path, "is damaged. Delete the folder and pack again.", e);
        }
    }

    /// <summary>Writes the index.</summary>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public void Write(string folder) =>
        AtomicFile.WriteAllText(
            Path.Combine(folder, FileName),
            JsonSerializer.Serialize(this, PackJson.Default.PackManifest)
        );

    /// <summary>Refuses a folder in which shards are missing or of another length.</summary>
    /// <exception cref="DataException">The folder is incomplete.</exception>
    public void RequireComplete(string folder)
    {
        RequireAll(folder);
        foreach (PackedShard shard in Shards)
        {
            string path = Path.Combine(folder, shard.File);
            var file = new FileInfo(path);
            if (!file.Exists || file.Length != shard.Bytes)
            {
                string found = file.Exists ? $"has {file.Length} bytes instead of {shard.Bytes}" : "is missing";
                throw new DataException(path, $"{found}. Repeat the 'alexnet pack' command, or copy it again.");
            }
        }
    }

    /// <summary>Refuses a folder whose packing did not end.</summary>
    /// <exception cref="DataException">Shards are missing.</exception>
    public void RequireAll(string folder)
    {
        int all = AllShards.Count();
        if (Shards.Count < all)
        {
            throw new DataException(
                folder,
                $"is packed in part only: {Shards.Count} of {all} shards. Repeat the same 'alexnet pack' command to finish it."
            );
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(PackManifest))]
internal sealed partial class PackJson : JsonSerializerContext;
