using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Lamina;

/// <summary>The development kit of ILSVRC-2012, packed or not: the 1,000 classes and the labels of the validation images.</summary>
internal sealed class ImageNetKit
{
    /// <summary>The name of the kit without extension.</summary>
    public const string FileName = "ILSVRC2012_devkit_t12";

    private const string MetaFile = "data/meta.mat";
    private const string TruthFile = "data/ILSVRC2012_validation_ground_truth.txt";
    private const int MostBytes = 16 << 20;
    private const long MostUnpackedBytes = 256L << 20;

    private ImageNetKit(IReadOnlyList<string> synsets, IReadOnlyList<string> names, string[] truth) =>
        (Synsets, Names, Truth) = (synsets, names, truth);

    /// <summary>The WordNet IDs of the classes in ordinal order, which is that of torchvision, Keras and Caffe.</summary>
    public IReadOnlyList<string> Synsets { get; }

    /// <summary>The names of the classes, beginning with the WordNet ID: "n01440764 tench, Tinca tinca".</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The WordNet ID of each validation image.</summary>
    public IReadOnlyList<string> Truth { get; }

    /// <summary>Reads the kit in a folder.</summary>
    /// <returns>The kit; <see langword="null"/> if there is none.</returns>
    /// <exception cref="DataException">The kit is damaged.</exception>
    public static ImageNetKit? Find(string folder)
    {
        string unpacked = Path.Combine(folder, FileName);
        string packed = unpacked + ".tar.gz";
        try
        {
            if (File.Exists(Path.Combine(unpacked, MetaFile)))
            {
                return Read(
                    unpacked,
                    Bounded(Path.Combine(unpacked, MetaFile)),
                    Bounded(Path.Combine(unpacked, TruthFile))
                );
            }
            return File.Exists(packed) ? Unpack(packed) : null;
        }
        catch (Exception e)
            when (e is UnauthorizedAccessException || (TarScanner.IsDamage(e) && e is not DataException))
        {
            throw new DataException(packed, $"cannot be read ({e.Message.TrimEnd('.')}). Download it again.", e);
        }
    }

    private static ImageNetKit Unpack(string path)
    {
        (byte[]? meta, byte[]? truth) = (null, null);
        using var guard = new TarGuard(
            new GZipStream(File.OpenRead(path), CompressionMode.Decompress),
            MostUnpackedBytes
        );
        using var reader = new TarReader(guard);
        while ((meta is null || truth is null) && reader.GetNextEntry() is { } entry)
        {
            bool isMeta = entry.Name.EndsWith("/" + MetaFile, StringComparison.Ordinal);
            if (!isMeta && !entry.Name.EndsWith("/" + TruthFile, StringComparison.Ordinal))
            {
                continue;
            }
            if (entry.DataStream is not { } data || entry.Length > MostBytes)
            {
                throw new DataException(path, $"'{entry.Name}' is empty or too large. Download it again.");
            }
            var bytes = new byte[entry.Length];
            data.ReadExactly(bytes);
            (meta, truth) = isMeta ? (bytes, truth) : (meta, bytes);
        }
        return meta is null || truth is null
            ? throw new DataException(path, $"contains no {(meta is null ? MetaFile : TruthFile)}. Download it again.")
            : Read(path, meta, truth);
    }

    private static byte[] Bounded(string path) =>
        new FileInfo(path).Length <= MostBytes
            ? File.ReadAllBytes(path)
            : throw new DataException(path, "is too large. Download it again.");

    private static ImageNetKit Read(string place, byte[] meta, byte[] truth)
    {
        // Groups of classes, such as "animal", have children and no images.
        Dictionary<int, (string Synset, string Words)> classes = [];
        foreach (Dictionary<string, string> row in MatFile.Structures(meta, "synsets"))
        {
            if (row.GetValueOrDefault("num_children", "0") == "0")
            {
                classes[Number(row.GetValueOrDefault("ILSVRC2012_ID", ""))] = (
                    row.GetValueOrDefault("WNID", ""),
                    row.GetValueOrDefault("words", "")
                );
            }
        }
        (string Synset, string Words)[] ordered = [.. classes.Values.OrderBy(c => c.Synset, StringComparer.Ordinal)];
        if (ordered.Length == 0 || ordered.Any(c => c.Synset.Length == 0))
        {
            throw new InvalidDataException("meta.mat has no classes");
        }
        string[] lines = Encoding
            .ASCII.GetString(truth)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new ImageNetKit(
            [.. ordered.Select(c => c.Synset)],
            [.. ordered.Select(c => $"{c.Synset} {c.Words}".TrimEnd())],
            [
                .. lines.Select(
                    (line, i) =>
                        classes.TryGetValue(Number(line), out (string Synset, string) found)
                            ? found.Synset
                            : throw new DataException(
                                place,
                                $"line {i + 1} of the ground truth is not a class: '{line}'."
                            )
                ),
            ]
        );
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : -1;
}
