namespace Lamina.Runs.Data;

/// <summary>
/// A source in one place that has parts, such as shards named train-* and val-*, and one of its parts. In text the part
/// follows the path: <c>shards#validation</c>.
/// </summary>
/// <param name="Path">The path of the source.</param>
/// <param name="Part">The part: train, validation or test; <see langword="null"/> for all of it.</param>
internal sealed record PartOfSource(string Path, string? Part)
{
    private const char Mark = '#';
    private const string Separator = "::";
    private const string Train = "train";
    private const string Validation = "validation";
    private const string Test = "test";

    /// <summary>Parses the text of a source.</summary>
    public static PartOfSource Parse(string text)
    {
        int mark = text.LastIndexOf(Mark);
        return mark > 0 && text[(mark + 1)..] is Train or Validation or Test && !System.IO.Path.Exists(text)
            ? new PartOfSource(text[..mark], text[(mark + 1)..])
            : new PartOfSource(text, null);
    }

    /// <summary>Returns the absolute form of a source's text.</summary>
    public static string Full(string text)
    {
        PartOfSource source = Parse(text);
        IEnumerable<string> paths = source
            .Path.Split(Separator)
            .Select(p => WebDataset.IsAddress(p) ? p : System.IO.Path.GetFullPath(p));
        return (source with { Path = string.Join(Separator, paths) }).ToString();
    }

    /// <summary>Detects archives and tables; returns <see langword="null"/> for other formats.</summary>
    public DataFormat? Detect() =>
        ImageManifest.Fits(Path) && !Directory.Exists(Path) ? DataFormat.Manifest
        : ImageNetArchives.Fits(Path) ? DataFormat.ImageNet
        : ParquetImages.Fits(Path) ? DataFormat.Parquet
        : WebDataset.Fits(Path) ? DataFormat.WebDataset
        : null;

    /// <summary>Opens an archive or a table.</summary>
    /// <returns>The images; <see langword="null"/> for other formats.</returns>
    /// <exception cref="DataException">The source cannot be read, or a label is not one of the classes.</exception>
    public LabeledImages? Open(DataFormat format, IReadOnlyList<string>? classes, CancellationToken cancellation) =>
        format switch
        {
            DataFormat.WebDataset => WebDataset.Open(Path, classes, Part, cancellation),
            DataFormat.Parquet => ParquetImages.Open(Path, classes, Part, cancellation),
            DataFormat.Manifest => ImageManifest.Open(Path, classes, Part),
            DataFormat.ImageNet => Part is Validation or Test
                ? ImageNetArchives.OpenValidation(Path, classes, cancellation)
                : ImageNetArchives.OpenTrain(Path, classes, cancellation),
            _ => null,
        };

    /// <summary>Finds the parts of a source for training.</summary>
    /// <param name="format">The format of the source.</param>
    /// <param name="validation">The separate test data; <see langword="null"/> for none.</param>
    /// <returns>The parts; <see langword="null"/> for a source without any.</returns>
    public DataParts? Parts(DataFormat format, string? validation)
    {
        IReadOnlyList<string> found = Found(format);
        if (found.Count == 0)
        {
            return null;
        }
        string? other = validation ?? Of(found, Validation) ?? Of(found, Test);
        string? test = validation is null && found.Contains(Validation) ? Of(found, Test) : null;
        string used = string.Join(
            ", ",
            new[] { Train, other, test }.OfType<string>().Where(p => p != validation).Select(Word)
        );
        return new DataParts(Of(found, Train)!, other, test, $"found {used} in {Path}");
    }

    /// <summary>Returns the test part of a source, or else its validation part; <see langword="null"/> if it has neither.</summary>
    public string? TestPart(DataFormat format)
    {
        IReadOnlyList<string> found = Found(format);
        return Of(found, Test) ?? Of(found, Validation);
    }

    public override string ToString() => Part is null ? Path : $"{Path}{Mark}{Part}";

    private IReadOnlyList<string> Found(DataFormat format) =>
        Part is not null
            ? []
            : format switch
            {
                DataFormat.WebDataset => WebDataset.PartsOf(Path),
                DataFormat.Parquet => ParquetImages.PartsOf(Path),
                DataFormat.Manifest => ImageManifest.PartsOf(Path),
                DataFormat.ImageNet => ImageNetArchives.PartsOf(Path),
                _ => [],
            };

    private string? Of(IReadOnlyList<string> found, string part) =>
        found.Contains(part) ? (this with { Part = part }).ToString() : null;

    private static string Word(string text) => Parse(text).Part ?? text;
}
