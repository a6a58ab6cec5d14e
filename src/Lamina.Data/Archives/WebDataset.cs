using System.Text;

namespace Lamina;

/// <summary>
/// Images in tar archives, read in place. As in WebDataset, files with the same name up to the first dot are a sample:
/// <c>0001.jpg</c> with <c>0001.cls</c> (a number or a name) or <c>0001.json</c> (<c>cls</c>, <c>label</c> or
/// <c>class</c>). Archives without such files are packed class folders: the folder of an image is its class.
/// </summary>
public static class WebDataset
{
    private const string ClassFile = "classes.txt";
    private const int MostClassBytes = 64 << 20;

    /// <summary>Returns <see langword="true"/> if a source is named like shards: a .tar file, or a folder that contains some.</summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static bool Fits(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ShardPattern.Fits(source);
    }

    /// <summary>Returns <see langword="true"/> if a source is on a server: http:// or https://.</summary>
    /// <param name="source">A path or an address.</param>
    public static bool IsAddress(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return HttpAccess.IsAddress(source);
    }

    /// <summary>
    /// Returns the parts for which a folder has shards: <c>train-0001.tar</c> is for training (train, training, val, valid,
    /// validation, dev, test, testing). Empty for other sources, and if no shard is for training.
    /// </summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static IReadOnlyList<string> PartsOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!Directory.Exists(source) && !RemoteFolder.Fits(source))
        {
            return [];
        }
        string[] parts =
        [
            .. Shards(source, null, HttpAccess.Default, default)
                .Select(ShardPattern.PartOf)
                .OfType<string>()
                .Distinct(),
        ];
        return parts.Contains(DataPart.Train) ? parts : [];
    }

    /// <summary>Lists the images of shards without decoding them.</summary>
    /// <param name="source">
    /// A .tar file, a pattern such as <c>shard-{000..009}.tar</c> or <c>train-*.tar</c>, or a folder of .tar files; or the
    /// address of these on a server (http or https), where a folder needs the <c>pack.json</c> of packed shards.
    /// </param>
    /// <param name="classNames">
    /// The classes in the order of their labels (as in a trained model); <see langword="null"/> for those of
    /// <c>classes.txt</c> beside the shards, or else the labels that occur. With <c>classes.txt</c>, numbers are its lines,
    /// and its names, or the WordNet IDs with which they begin, are found among these classes.
    /// </param>
    /// <param name="part">The part of a folder: train, validation or test; <see langword="null"/> for all shards.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">A shard cannot be read, there are no images, or a label is not a class.</exception>
    /// <exception cref="ConnectionException">A server cannot be read.</exception>
    public static LabeledImages Open(
        string source,
        IReadOnlyList<string>? classNames = null,
        string? part = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return Open(source, classNames, part, HttpAccess.Default, cancellation);
    }

    /// <summary>Lists the images of shards with other settings for servers.</summary>
    internal static LabeledImages Open(
        string source,
        IReadOnlyList<string>? classNames,
        string? part,
        HttpAccess access,
        CancellationToken cancellation
    )
    {
        string[] shards = Shards(source, part, access, cancellation);
        if (Directory.Exists(source))
        {
            PackManifest.Find(source)?.RequireComplete(source);
        }
        ArchiveFiles[] archives = ArchiveFiles.List(shards, access, cancellation);
        var samples = new SampleList(archives);
        if (samples.Places.Count == 0)
        {
            throw new DataException(
                source,
                "has no images with labels. Add a .cls or .json file to each image, or put images into class folders."
                    + (
                        samples.Skipped.Count > 0
                            ? $" First: {samples.Skipped[0].Name}: {samples.Skipped[0].Reason}"
                            : ""
                    )
            );
        }
        (IReadOnlyList<string> names, int[] labels) = ClassLabels.Of(
            samples.Labels,
            ClassesBeside(shards[0], access, cancellation),
            classNames,
            source
        );
        return new ArchivedImages(names, labels, [.. samples.Places], archives, samples.Skipped);
    }

    private static string[] Shards(string source, string? part, HttpAccess access, CancellationToken cancellation) =>
        RemoteFolder.Fits(source)
            ? RemoteFolder.Shards(source, part, access, cancellation)
            : ShardPattern.Shards(source, part);

    private static string[]? ClassesBeside(string shard, HttpAccess access, CancellationToken cancellation)
    {
        if (HttpAccess.IsAddress(shard))
        {
            string address = HttpAccess.Beside(shard, ClassFile);
            return HttpFile.ReadSmall(access, address, MostClassBytes, cancellation) is { } bytes
                ? Names(Encoding.UTF8.GetString(bytes).Split('\n'))
                : null;
        }
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(shard))!, ClassFile);
        try
        {
            return File.Exists(path) ? Names(File.ReadLines(path, Encoding.UTF8)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }

    private static string[]? Names(IEnumerable<string> lines)
    {
        string[] names = [.. lines.Select(l => l.Trim()).Where(l => l.Length > 0)];
        return names.Length > 0 ? names : null;
    }
}
