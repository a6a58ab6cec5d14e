using System.Globalization;

namespace Lamina;

/// <summary>
/// ILSVRC-2012 as it is distributed, read in place: <c>ILSVRC2012_img_train.tar</c>, a tar archive of one tar archive per
/// class; <c>ILSVRC2012_img_val.tar</c>; and the development kit, <c>ILSVRC2012_devkit_t12.tar.gz</c> or its folder, with the
/// names of the classes and the labels of the validation images.
/// </summary>
/// <remarks>
/// Classes are in the order of their WordNet IDs, as in torchvision, Keras and Caffe, and are named like
/// "n01440764 tench, Tinca tinca", or by the ID alone without the kit.
/// </remarks>
public static class ImageNetArchives
{
    private const string TrainFile = "ILSVRC2012_img_train.tar";
    private const string ValidationFile = "ILSVRC2012_img_val.tar";

    /// <summary>Returns <see langword="true"/> if a folder contains the training or the validation archive.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Fits(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Has(folder, TrainFile) || Has(folder, ValidationFile);
    }

    /// <summary>
    /// Returns the parts that a folder has: train; validation if the development kit is there, which has its labels. Empty
    /// without the training archive.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataException">The development kit is damaged.</exception>
    public static IReadOnlyList<string> PartsOf(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return !Has(folder, TrainFile) ? []
            : Has(folder, ValidationFile) && ImageNetKit.Find(folder) is not null
                ? [DataPart.Train, DataPart.Validation]
            : [DataPart.Train];
    }

    /// <summary>Lists the training images. The first time reads all headers; an index beside the archive keeps them.</summary>
    /// <param name="folder">The folder that contains the archives.</param>
    /// <param name="classNames">The classes of a model, by name or WordNet ID; <see langword="null"/> for those of the data.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">An archive is missing or damaged, or has a class that is not one of the given.</exception>
    public static LabeledImages OpenTrain(
        string folder,
        IReadOnlyList<string>? classNames = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Open(folder, TrainFile, classNames, (name, _) => SynsetOf(name), cancellation);
    }

    /// <summary>Lists the validation images, whose labels are in the development kit.</summary>
    /// <inheritdoc cref="OpenTrain"/>
    public static LabeledImages OpenValidation(
        string folder,
        IReadOnlyList<string>? classNames = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Open(folder, ValidationFile, classNames, TruthOf, cancellation);

        string? TruthOf(string name, ImageNetKit? kit)
        {
            IReadOnlyList<string> truth =
                kit?.Truth
                ?? throw new DataException(
                    folder,
                    $"the labels of {ValidationFile} are in {ImageNetKit.FileName}.tar.gz. Put it into the folder."
                );
            string digits = Path.GetFileNameWithoutExtension(name).Split('_')[^1];
            return
                int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && number >= 1
                && number <= truth.Count
                ? truth[number - 1]
                : null;
        }
    }

    private static ArchivedImages Open(
        string folder,
        string file,
        IReadOnlyList<string>? classNames,
        Func<string, ImageNetKit?, string?> synsetOf,
        CancellationToken cancellation
    )
    {
        ImageNetKit? kit = ImageNetKit.Find(folder);
        string path = Path.Combine(folder, file);
        ArchiveFiles[] archives = ArchiveFiles.List([path], HttpAccess.Default, cancellation);
        MemberTable table = archives[0].Table;
        List<SkippedImage> skipped = [.. table.Skipped];
        var places = new List<(int, int)>();
        var synsets = new List<string>();
        for (int i = 0; i < table.Count; i++)
        {
            string name = table.NameOf(i);
            if (!ImageFolder.Extensions.Contains(Path.GetExtension(name)))
            {
                continue;
            }
            if (synsetOf(name, kit) is { } synset)
            {
                places.Add((0, i));
                synsets.Add(synset);
            }
            else
            {
                skipped.Add(new SkippedImage($"{path}/{name}", "its class is unknown."));
            }
        }
        if (places.Count == 0)
        {
            throw new DataException(path, skipped.LastOrDefault()?.Reason ?? "contains no images.");
        }
        // Models may be trained on folders named by ID, or on these archives.
        IReadOnlyList<string>? ids = classNames is null ? kit?.Synsets : [.. classNames.Select(c => c.Split(' ')[0])];
        (IReadOnlyList<string> names, int[] labels) = ClassLabels.Of(synsets, ids, path);
        return new ArchivedImages(classNames ?? kit?.Names ?? names, labels, [.. places], archives, skipped);
    }

    private static bool Has(string folder, string file) => File.Exists(Path.Combine(folder, file));

    /// <summary>Returns the class of a training image: the name of the inner archive.</summary>
    private static string? SynsetOf(string name)
    {
        string[] parts = name.Split('/');
        return parts.Length >= 2 && parts[^2].EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
            ? Path.GetFileNameWithoutExtension(parts[^2])
            : null;
    }
}
