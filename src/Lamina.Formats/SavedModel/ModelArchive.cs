using System.IO.Compression;

namespace Lamina;

/// <summary>
/// A saved model as one file: an uncompressed zip archive of the folder's files (weights do not shrink), which common
/// tools can open. Equal models produce equal bytes.
/// </summary>
internal static class ModelArchive
{
    /// <summary>The extension of one-file models.</summary>
    public const string Extension = ".lamina";

    // The first moment that a zip archive can represent.
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Saves a model atomically.</summary>
    /// <exception cref="LaminaException">The file cannot be written; the old one is intact.</exception>
    public static void Save(string path, IReadOnlyList<ModelPart> parts, Action<string>? step = null) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
                var files = new Dictionary<string, Checksum>(StringComparer.Ordinal);
                foreach (ModelPart part in parts)
                {
                    files[part.Name] = Add(zip, part, step);
                }
                byte[] manifest = Manifest.Of(files).ToBytes();
                Add(zip, new ModelPart(ModelPart.Manifest, entry => entry.Write(manifest)), step);
            }
        );

    /// <summary>Loads a model.</summary>
    /// <exception cref="ModelFileException">The file does not contain an intact model.</exception>
    public static T Load<T>(string path, Func<ModelSource, T> read)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            Dictionary<string, ZipArchiveEntry> entries = Entries(zip, path);
            return read(new ArchiveSource(path, entries, ReadManifest(entries, path)));
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(
                $"{path}: is not a saved model, or is damaged: it is not an intact zip archive ({Quoted.Line(e.Message).TrimEnd('.')}).",
                e
            );
        }
    }

    private static Checksum Add(ZipArchive zip, ModelPart part, Action<string>? step)
    {
        step?.Invoke($"create {part.Name}");
        ZipArchiveEntry entry = zip.CreateEntry(part.Name, CompressionLevel.NoCompression);
        entry.LastWriteTime = s_time;
        using Stream stream = entry.Open();
        using var checksum = new ChecksumWriteStream(stream, () => step?.Invoke($"write {part.Name}"));
        part.Write(checksum);
        return checksum.Checksum;
    }

    private static Dictionary<string, ZipArchiveEntry> Entries(ZipArchive zip, string path)
    {
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            if (entry.FullName != ModelPart.Manifest && !ModelPart.Names.Contains(entry.FullName))
            {
                throw new ModelFileException(
                    $"{path}: is not a saved model: it contains {Quoted.Name(entry.FullName)}, which is not part of a model."
                );
            }
            if (!entries.TryAdd(entry.FullName, entry))
            {
                throw new ModelFileException($"{path}: contains {entry.FullName} twice.");
            }
            // Never decompressed: a few bytes must not become many.
            if (entry.CompressedLength != entry.Length)
            {
                throw new ModelFileException($"{path}: {entry.FullName} is compressed, but models are not.");
            }
        }
        return entries;
    }

    private static Manifest ReadManifest(Dictionary<string, ZipArchiveEntry> entries, string path)
    {
        if (!entries.TryGetValue(ModelPart.Manifest, out ZipArchiveEntry? entry))
        {
            throw new ModelFileException($"{path}: is not a saved model: it does not contain {ModelPart.Manifest}.");
        }
        string label = $"{path}: {ModelPart.Manifest}";
        if (entry.Length > Manifest.MaxLength)
        {
            throw new ModelFileException($"{label}: is longer than {Manifest.MaxLength} bytes.");
        }
        var bytes = new byte[entry.Length];
        using (Stream stream = entry.Open())
        {
            stream.ReadExactly(bytes);
        }
        var manifest = Manifest.Parse(bytes, label);
        foreach (string name in entries.Keys)
        {
            if (name != ModelPart.Manifest && !manifest.Files.ContainsKey(name))
            {
                throw new ModelFileException($"{path}: contains {name}, which {ModelPart.Manifest} does not name.");
            }
        }
        return manifest;
    }

    private sealed class ArchiveSource(string path, Dictionary<string, ZipArchiveEntry> entries, Manifest manifest)
        : ModelSource(manifest)
    {
        public override string Label(string part) => $"{path}: {part}";

        protected override (Stream Stream, long Length) OpenRaw(string part) =>
            entries.TryGetValue(part, out ZipArchiveEntry? entry)
                ? (entry.Open(), entry.Length)
                : throw new ModelFileException($"{path}: does not contain {part}, which {ModelPart.Manifest} names.");
    }
}
