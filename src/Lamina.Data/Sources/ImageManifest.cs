namespace Lamina;

/// <summary>
/// Image files listed in a table: CSV or TSV with the columns path and label, or JSON lines with these keys. Relative paths
/// start at the folder of the table.
/// </summary>
/// <remarks>
/// The first two columns are path and label unless the first row names them: <c>path</c>, <c>file</c>, <c>file_name</c>,
/// <c>filename</c> or <c>image</c>; <c>label</c>, <c>class</c> or <c>cls</c>; and, optionally, <c>split</c> (train,
/// validation, test). JSON lines use the same names.
/// </remarks>
public sealed class ImageManifest : LabeledImages
{
    private static readonly string[] s_extensions = [".csv", ".tsv", ".jsonl", ".ndjson"];
    private readonly string[] _paths;
    private readonly string _folder;

    private ImageManifest(string folder, string[] paths, IReadOnlyList<string> classNames, int[] labels) =>
        (_folder, _paths, ClassNames, Labels) = (folder, paths, classNames, labels);

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Labels { get; }

    /// <summary>Returns <see langword="true"/> for the extensions of tables: .csv, .tsv, .jsonl, .ndjson.</summary>
    /// <param name="path">The path.</param>
    public static bool Fits(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Returns the parts of a table with a split column: train, validation, test. Empty without training rows.</summary>
    /// <param name="path">The table.</param>
    /// <exception cref="DataException">The table cannot be read or is malformed.</exception>
    public static IReadOnlyList<string> PartsOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[] parts = [.. ManifestRow.Read(path).Select(r => r.Part).OfType<string>().Distinct()];
        return parts.Contains(DataPart.Train) ? parts : [];
    }

    /// <summary>Reads a table; images are read when they are needed.</summary>
    /// <param name="path">The table.</param>
    /// <param name="classNames">
    /// The classes in the order of their labels (as in a trained model), by name or number; <see langword="null"/> for the
    /// labels that occur: numbers, or names in ordinal order.
    /// </param>
    /// <param name="part">The part: train, validation or test; <see langword="null"/> for all rows.</param>
    /// <exception cref="DataException">The table cannot be read or is malformed, or a label is not a class.</exception>
    public static ImageManifest Open(string path, IReadOnlyList<string>? classNames = null, string? part = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<ManifestRow> rows = ManifestRow.Read(path);
        List<ManifestRow> chosen = part is null ? rows : [.. rows.Where(r => r.Part == part)];
        if (chosen.Count == 0)
        {
            throw new DataException(path, part is null ? "lists no images." : $"lists no images for {part}.");
        }
        (IReadOnlyList<string> names, int[] labels) = ClassLabels.Of(
            [.. chosen.Select(r => r.Label)],
            classNames,
            path
        );
        return new ImageManifest(
            Path.GetDirectoryName(Path.GetFullPath(path))!,
            [.. chosen.Select(r => r.Path)],
            names,
            labels
        );
    }

    /// <inheritdoc/>
    public override string NameOf(int index) => Path.Combine(_folder, _paths[index]);

    /// <inheritdoc/>
    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ImageDecoder.DecodeFile(NameOf(index), target, enough, ImageDecoder.DefaultMaxPixels);
    }

    internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        ImageDecoder.DecodeFile(NameOf(index), target, enough, ImageDecoder.DefaultMaxPixels, part);

    /// <inheritdoc/>
    protected internal override ImageContent ContentOf(int index, bool quick) =>
        FileContent.Of(NameOf(index), _paths[index], quick);
}
