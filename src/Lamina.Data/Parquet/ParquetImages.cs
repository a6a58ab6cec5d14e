namespace Lamina;

/// <summary>
/// Images in Parquet files, as Hugging Face stores data sets: a column <c>image</c> with the encoded bytes, and a column
/// <c>label</c> with numbers or names. Row groups are read when an image of them is needed; some stay in memory.
/// </summary>
public static class ParquetImages
{
    private const string Extension = ".parquet";
    private const string DataFolder = "data";

    /// <summary>
    /// Returns <see langword="true"/> if a source is named like Parquet files: a .parquet file, or a folder that contains
    /// some, itself or in <c>data</c>.
    /// </summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static bool Fits(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            return Directory.Exists(source)
                ? FolderOf(source) is not null
                : source.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error is reported where the folder is opened.
            return false;
        }
    }

    /// <summary>
    /// Returns the parts for which a folder has files: <c>train-00000-of-00002.parquet</c> is for training (train, validation,
    /// test and the like). Empty for other sources, and if no file is for training.
    /// </summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static IReadOnlyList<string> PartsOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!Directory.Exists(source))
        {
            return [];
        }
        string[] parts = [.. Files(source, null).Select(ShardPattern.PartOf).OfType<string>().Distinct()];
        return parts.Contains(DataPart.Train) ? parts : [];
    }

    /// <summary>Lists the images of Parquet files without decoding them.</summary>
    /// <param name="source">
    /// A .parquet file, a pattern such as <c>train-*.parquet</c> or <c>train-{00000..00004}-of-00005.parquet</c>, several of
    /// these separated by <c>::</c>, or a folder.
    /// </param>
    /// <param name="classNames">
    /// The classes in the order of their labels (as in a trained model); <see langword="null"/> for the names in the files'
    /// metadata or in README.md beside them, or else the labels that occur.
    /// </param>
    /// <param name="part">The part of a folder: train, validation or test; <see langword="null"/> for all files.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">A file cannot be read, has no images or labels, or a label is not a class.</exception>
    public static LabeledImages Open(
        string source,
        IReadOnlyList<string>? classNames = null,
        string? part = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        if (HttpAccess.IsAddress(source))
        {
            throw new DataException(source, "is an address; Parquet files are read from a disk. Download them first.");
        }
        string[] paths = Files(source, part);
        var files = new List<ParquetImageFile>();
        foreach (string path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            files.Add(ParquetImageFile.List(path, cancellation));
        }
        string[] texts = [.. files.SelectMany(f => f.Labels)];
        if (texts.Length == 0)
        {
            throw new DataException(source, "has no rows.");
        }
        IReadOnlyList<string>? own =
            files.Select(f => f.ClassNames).FirstOrDefault(n => n is not null)
            ?? DataCard.ClassesBeside(Path.GetFullPath(paths[0]));
        (IReadOnlyList<string> names, int[] labels) = ClassLabels.Of(texts, own, classNames, source);
        return new ParquetSource(names, labels, files);
    }

    private static string[] Files(string source, string? part)
    {
        try
        {
            string[] all = Directory.Exists(source)
                ? [.. In(FolderOf(source) ?? source).Where(f => part is null || ShardPattern.PartOf(f) == part)]
                : [.. ShardPattern.Expand(source).SelectMany(Matching)];
            return all.Length > 0
                ? all
                : throw new DataException(
                    source,
                    part is null ? "no such Parquet files (.parquet)." : $"has no Parquet files for {part}."
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(source, $"cannot be listed ({e.Message}).", e);
        }
    }

    private static IEnumerable<string> Matching(string path)
    {
        string name = Path.GetFileName(path);
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        return !name.AsSpan().ContainsAny('*', '?') ? [path]
            : Directory.Exists(folder) ? In(folder, name)
            : [];
    }

    private static string? FolderOf(string source)
    {
        string data = Path.Combine(source, DataFolder);
        return In(source).Any() ? source
            : Directory.Exists(data) && In(data).Any() ? data
            : null;
    }

    private static IEnumerable<string> In(string folder, string pattern = "*") =>
        Directory
            .EnumerateFiles(folder, pattern)
            .Where(f =>
                f.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) && !FolderWalk.IsIgnored(Path.GetFileName(f))
            )
            .Order(StringComparer.Ordinal);
}
