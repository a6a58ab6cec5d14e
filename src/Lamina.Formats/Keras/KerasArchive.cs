using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json.Nodes;
using Lamina.Hdf5;

namespace Lamina;

/// <summary>
/// The <c>.keras</c> file of Keras 3: a zip archive of metadata.json, config.json and model.weights.h5.
/// </summary>
internal sealed class KerasArchive : KerasContent
{
    private const string ConfigName = "config.json";
    private const string MetadataName = "metadata.json";
    private const string WeightsName = "model.weights.h5";
    private const int InMemory = 4 << 20;
    private const int Slack = 48 << 20;

    // The first moment that a zip archive can represent: equal models produce equal archives.
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FileStream _file;
    private readonly ZipArchive _zip;
    private readonly long _length;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private Stream? _weights;

    public KerasArchive(FileStream file, string path)
        : base(path)
    {
        _file = file;
        _length = file.Length;
        _zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        foreach (ZipArchiveEntry entry in _zip.Entries)
        {
            string name = entry.FullName;
            // Nothing is extracted under its name, but a file with such names is malicious or not a Keras file.
            if (name.StartsWith('/') || name.Contains('\\') || name.Split('/').Contains("..") || name.Contains(':'))
            {
                throw new ModelFileException($"{path}: contains {Quoted.Name(name)}, a path that no Keras file has.");
            }
            if (!_entries.TryAdd(name, entry))
            {
                throw new ModelFileException($"{path}: contains {Quoted.Name(name)} twice.");
            }
        }
        Metadata = _entries.ContainsKey(MetadataName) ? ReadJson(MetadataName) : null;
    }

    public override string Format => "Keras 3 archive";

    public override string? KerasVersion =>
        Metadata?["keras_version"] is JsonValue value && value.TryGetValue(out string? version) ? version : null;

    public override JsonObject? Metadata { get; }

    public override JsonObject? ReadOwnMetadata() => EmbeddedMetadata.Take(Metadata, $"{Path}: {MetadataName}");

    /// <summary>Saves a model.</summary>
    public static void Save(Model model, string path, JsonObject? ownMetadata)
    {
        byte[] config = StrictJson.Write(KerasConfigWriter.WriteObject(model), $"{model}: the architecture");
        var about = new JsonObject
        {
            ["keras_version"] = KerasJson.Keras3Version,
            ["date_saved"] = "1980-01-01@00:00:00",
        };
        if (ownMetadata is { Count: > 0 })
        {
            // Keras ignores keys that it does not know.
            about[EmbeddedMetadata.Name] = ownMetadata.DeepClone();
        }
        byte[] metadata = StrictJson.Write(about, "The metadata");
        try
        {
            using FileStream weights = KerasH5Writer.WriteTemporary(KerasH5Writer.Keras3(model));
            Write(path, metadata, config, weights);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }

    private static void Write(string path, byte[] metadata, byte[] config, Stream weights) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
                Add(zip, MetadataName, new MemoryStream(metadata));
                Add(zip, ConfigName, new MemoryStream(config));
                Add(zip, WeightsName, weights);
            }
        );

    public override JsonObject ReadArchitecture() => ReadJson(ConfigName);

    public override void Dispose()
    {
        _weights?.Dispose();
        _zip.Dispose();
        base.Dispose();
    }

    protected override Hdf5File OpenHdf5()
    {
        ZipArchiveEntry entry = Entry(WeightsName);
        if (entry.Length > _length + Slack)
        {
            throw new ModelFileException(
                $"{Path}: {WeightsName} unpacks to {entry.Length} bytes, over 48 MB more than the file has. Create the zip archive without compression."
            );
        }
        // Keras does not compress, and uncompressed content can be read in place.
        if (InPlace(entry) is { } part)
        {
            _weights = part;
        }
        else
        {
            _weights = entry.Length <= InMemory ? new MemoryStream() : TemporaryStream.Create();
            Unpack(entry, _weights);
        }
        return Hdf5File.Open(_weights, _length);
    }

    /// <inheritdoc/>
    protected override void VerifyWeights()
    {
        if (_weights is StreamPart)
        {
            Unpack(Entry(WeightsName), Stream.Null);
        }
    }

    // A zip entry does not support seeking; but the file's position reveals where it was read from.
    private StreamPart? InPlace(ZipArchiveEntry entry)
    {
        const int Probe = 8;
        if (entry.CompressedLength != entry.Length || entry.Length < Probe)
        {
            return null;
        }
        var bytes = new byte[Probe];
        var again = new byte[Probe];
        using (Stream stream = entry.Open())
        {
            stream.ReadExactly(bytes);
        }
        long start = _file.Position - Probe;
        if (start < 0 || start + entry.Length > _length)
        {
            return null;
        }
        var part = new StreamPart(_file, start, entry.Length);
        part.ReadExactly(again);
        part.Position = 0;
        return bytes.AsSpan().SequenceEqual(again) ? part : null;
    }

    private static void Add(ZipArchive zip, string name, Stream content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = s_time;
        using Stream stream = entry.Open();
        content.CopyTo(stream);
    }

    private JsonObject ReadJson(string name)
    {
        ZipArchiveEntry entry = Entry(name);
        if (entry.Length > KerasArchitecture.MaxLength)
        {
            throw new ModelFileException($"{Path}: {name} has more than {KerasArchitecture.MaxLength} bytes.");
        }
        var bytes = new MemoryStream();
        Unpack(entry, bytes);
        return StrictJson.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), $"{Path}: {name}");
    }

    private ZipArchiveEntry Entry(string name) =>
        _entries.GetValueOrDefault(name)
        ?? throw new ModelFileException($"{Path}: does not contain {name}, which every Keras archive has.");

    // Reads no more than the length that the archive states, whatever the entry decompresses to.
    private void Unpack(ZipArchiveEntry entry, Stream destination)
    {
        using Stream source = entry.Open();
        var buffer = new byte[1 << 16];
        var crc = new Crc32();
        long left = entry.Length;
        int read;
        while ((read = source.Read(buffer)) > 0)
        {
            left -= read;
            if (left < 0)
            {
                break;
            }
            crc.Append(buffer.AsSpan(0, read));
            destination.Write(buffer, 0, read);
        }
        if (left != 0 || crc.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw new ModelFileException($"{Path}: {entry.FullName} is damaged. Use another copy of the file.");
        }
        if (destination.CanSeek)
        {
            destination.Position = 0;
        }
    }
}
