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

    /// <summary>Returns <see langword="true"/> if a source is named like shards: a .tar file, or a folder that contains some.</summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static bool Fits(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ShardPattern.Fits(source);
    }

    /// <summary>
    /// Returns the parts for which a folder has shards: <c>train-0001.tar</c> is for training (train, training, val, valid,
    /// validation, dev, test, testing). Empty for other sources, and if no shard is for training.
    /// </summary>
    /// <param name="source">A path, a pattern or a folder.</param>
    public static IReadOnlyList<string> PartsOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!Directory.Exists(source))
        {
            return [];
        }
        string[] parts = [.. ShardPattern.Shards(source, null).Select(ShardPattern.PartOf).OfType<string>().Distinct()];
        return parts.Contains(DataPart.Train) ? parts : [];
    }

    /// <summary>Lists the images of shards without decoding them.</summary>
    /// <param name="source">
    /// A .tar file, a pattern such as <c>shard-{000..009}.tar</c> or <c>train-*.tar</c>, or a folder of .tar files.
    /// </param>
    /// <param name="classNames">
    /// The classes in the order of their labels (as in a trained model); <see langword="null"/> for those of
    /// <c>classes.txt</c> beside the shards, or else the labels that occur. With <c>classes.txt</c>, numbers are its lines,
    /// and its names, or the WordNet IDs with which they begin, are found among these classes.
    /// </param>
    /// <param name="part">The part of a folder: train, validation or test; <see langword="null"/> for all shards.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">A shard cannot be read, there are no images, or a label is not a class.</exception>
    public static LabeledImages Open(
        string source,
        IReadOnlyList<string>? classNames = null,
        string? part = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        string[] shards = ShardPattern.Shards(source, part);
        if (Directory.Exists(source))
        {
            PackManifest.Find(source)?.RequireComplete(source);
        }
        ArchiveFiles[] archives = ArchiveFiles.List(shards, cancellation);
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
            ClassesBeside(shards[0]),
            classNames,
            source
        );
        return new ArchivedImages(names, labels, [.. samples.Places], archives, samples.Skipped);
    }

    private static string[]? ClassesBeside(string shard)
    {
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(shard))!, ClassFile);
        try
        {
            string[] names = File.Exists(path)
                ? [.. File.ReadLines(path, Encoding.UTF8).Select(l => l.Trim()).Where(l => l.Length > 0)]
                : [];
            return names.Length > 0 ? names : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }
}
