namespace Lamina.Runs.Data;

/// <summary>The images of a training.</summary>
/// <param name="Train">The training images.</param>
/// <param name="Validation">The images for validation after each epoch; the test images unless there are others.</param>
/// <param name="Test">The images of the final test.</param>
/// <param name="Origin">The origin of the images.</param>
internal sealed record DataSelection(
    LabeledImages Train,
    LabeledImages Validation,
    LabeledImages Test,
    DataOrigin Origin
)
{
    private const string TrainPart = "train";
    private const string TestPart = "t10k";

    public IReadOnlyList<string> Classes => Train.ClassNames;

    /// <summary><see langword="true"/> if validation and test use different images.</summary>
    public bool HasOwnValidation => Validation != Test;

    /// <summary>The line about the recognized folders; <see langword="null"/> if there is none.</summary>
    public string? Note { get; private init; }

    /// <summary>Returns the same images with a cache of decoded ones, divided among the parts by their number of images.</summary>
    public DataSelection Cached(long maxBytes)
    {
        long ofTraining = (long)(maxBytes * ((double)Train.Count / (Train.Count + Validation.Count)));
        LabeledImages validation = Validation.Cached(maxBytes - ofTraining);
        return this with
        {
            Train = Train.Cached(ofTraining),
            Validation = validation,
            Test = HasOwnValidation ? Test : validation,
        };
    }

    /// <summary>The folder of the shipped data.</summary>
    public static string ShippedFolder { get; } = Path.Combine(AppContext.BaseDirectory, "data", "fashion-mnist");

    /// <summary>Opens training and test data.</summary>
    /// <param name="folder">The training data, a folder or another source; <see langword="null"/> for the shipped data.</param>
    /// <param name="format">The format; <see langword="null"/> to detect it.</param>
    /// <param name="validation">The folder of test data; <see langword="null"/> for a test file or a split.</param>
    /// <param name="share">The fraction of each class to hold out if there is no test data.</param>
    /// <param name="seed">The seed of the split.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="LaminaException">The data does not exist, or the classes of the two differ.</exception>
    public static DataSelection Open(
        string? folder,
        DataFormat? format,
        string? validation,
        double share,
        long seed,
        CancellationToken cancellation = default
    )
    {
        if (folder is null)
        {
            return Open(new DataOrigin(DataFormat.Shipped, "", validation, null, seed), cancellation);
        }
        DataFormat known = format ?? Detect(folder);
        var parts = DataParts.Of(folder, known, validation);
        bool hasTest = parts.Validation is not null || (known is DataFormat.Idx && HasPart(folder, TestPart));
        return Open(
            new DataOrigin(known, PartOfSource.Full(parts.Train), Full(parts.Validation), hasTest ? null : share, seed)
            {
                Test = Full(parts.Test),
            },
            cancellation
        ) with
        {
            Note = parts.Note,
        };

        static string? Full(string? path) => path is null ? null : PartOfSource.Full(path);
    }

    /// <summary>Opens the test data of an origin for a model with these classes.</summary>
    public static LabeledImages OpenTest(
        DataOrigin origin,
        IReadOnlyList<string> classes,
        CancellationToken cancellation = default
    ) =>
        origin.Test is { } test
            ? OpenLabeled(test, origin.Format, classes, TestPart, cancellation)
            : OpenValidation(origin, classes, cancellation);

    private static LabeledImages OpenValidation(
        DataOrigin origin,
        IReadOnlyList<string> classes,
        CancellationToken cancellation
    )
    {
        // Only a split requires the training data.
        if (origin.Validation is not null)
        {
            return OpenLabeled(origin.Validation, origin.Format, classes, TestPart, cancellation);
        }
        return origin.Share is null
            ? OpenLabeled(FolderOf(origin), origin.Format, classes, TestPart, cancellation)
            : OpenLabeled(origin.Path, origin.Format, classes, TrainPart, cancellation)
                .Split(origin.Share.Value, origin.Seed)
                .Validation;
    }

    /// <summary>Opens the training data of an origin for a model with these classes.</summary>
    public static LabeledImages OpenTrain(
        DataOrigin origin,
        IReadOnlyList<string> classes,
        CancellationToken cancellation = default
    )
    {
        LabeledImages all = OpenLabeled(FolderOf(origin), origin.Format, classes, TrainPart, cancellation);
        return origin.Share is { } share ? all.Split(share, origin.Seed).Train : all;
    }

    /// <summary>Opens a folder's training images for a model with these classes.</summary>
    public static LabeledImages OpenReferences(
        string folder,
        DataFormat? format,
        IReadOnlyList<string> classes,
        CancellationToken cancellation = default
    )
    {
        DataFormat known = format ?? Detect(folder);
        return OpenLabeled(DataParts.Of(folder, known, null).Train, known, classes, TrainPart, cancellation);
    }

    /// <summary>Opens images without regard to classes: a folder tree, or a source of another format.</summary>
    public static LabeledImages OpenUnlabeled(
        string folder,
        DataFormat? format,
        CancellationToken cancellation = default
    ) =>
        (format ?? Detect(folder)) is var known and not DataFormat.Folder
            ? OpenLabeled(folder, known, null, TrainPart, cancellation)
            : ImageFolder.OpenUnlabeled(folder, cancellation: cancellation);

    /// <summary>Opens data for evaluating a model with these classes.</summary>
    /// <returns>The images, and a line about the recognized folders, if any.</returns>
    public static (LabeledImages Images, string? Note) OpenFor(
        string folder,
        DataFormat? format,
        IReadOnlyList<string> classes,
        CancellationToken cancellation = default
    )
    {
        DataFormat known = format ?? Detect(folder);
        (string part, string? note) = DataParts.TestOf(folder, known, classes);
        return (OpenLabeled(part, known, classes, TestPart, cancellation), note);
    }

    /// <summary>Opens the parts of a data set without splitting it.</summary>
    /// <param name="source">The data; <see langword="null"/> for the shipped data.</param>
    /// <param name="format">The format; <see langword="null"/> to detect it.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <returns>The parts with their names, training first, and a line about them, if any.</returns>
    public static (IReadOnlyList<(string Name, LabeledImages Images)> Parts, string? Note) OpenParts(
        string? source,
        DataFormat? format,
        CancellationToken cancellation = default
    )
    {
        DataFormat known = source is null ? DataFormat.Shipped : format ?? Detect(source);
        var parts = DataParts.Of(source ?? ShippedFolder, known, null);
        LabeledImages train = OpenLabeled(parts.Train, known, null, TrainPart, cancellation);
        List<(string, LabeledImages)> found = [(TrainPart, train)];
        string? test = parts.Test;
        if (
            known is DataFormat.Shipped or DataFormat.Idx
            && HasPart(parts.Train, TrainPart)
            && HasPart(parts.Train, TestPart)
        )
        {
            test = parts.Train;
        }
        if (parts.Validation is { } validation)
        {
            string name = PartOfSource.Parse(validation).Part ?? Path.GetFileName(validation);
            found.Add((name, OpenLabeled(validation, known, train.ClassNames, TestPart, cancellation)));
        }
        if (test is not null)
        {
            found.Add(("test", OpenLabeled(test, known, train.ClassNames, TestPart, cancellation)));
        }
        return (found, parts.Note);
    }

    private static DataSelection Open(DataOrigin origin, CancellationToken cancellation)
    {
        LabeledImages all = OpenLabeled(FolderOf(origin), origin.Format, null, TrainPart, cancellation);
        RequireTwoClasses(FolderOf(origin), all);
        if (origin.Share is { } share)
        {
            (LabeledImages train, LabeledImages rest) = all.Split(share, origin.Seed);
            return new DataSelection(train, rest, rest, origin);
        }
        LabeledImages validation = OpenValidation(origin, all.ClassNames, cancellation);
        LabeledImages test = origin.Test is null ? validation : OpenTest(origin, all.ClassNames, cancellation);
        return new DataSelection(all, validation, test, origin);
    }

    /// <summary>Refuses data of a single class, for which every prediction is right.</summary>
    private static void RequireTwoClasses(string folder, LabeledImages images)
    {
        int[] found = [.. images.Labels.Distinct().Take(2)];
        if (found is [var only])
        {
            throw new DataException(
                folder,
                $"has images of one class only ('{images.ClassNames[only]}'), but training needs at least two. "
                    + "Put the images of each class into their own subfolder."
            );
        }
    }

    private static string FolderOf(DataOrigin origin) =>
        origin.Format is DataFormat.Shipped ? ShippedFolder : origin.Path;

    private static LabeledImages OpenLabeled(
        string folder,
        DataFormat format,
        IReadOnlyList<string>? classes,
        string idxPart,
        CancellationToken cancellation
    )
    {
        if (format is DataFormat.Folder)
        {
            return ImageFolder.Open(folder, classes, cancellation: cancellation);
        }
        if (PartOfSource.Parse(folder).Open(format, classes, cancellation) is { } found)
        {
            return found;
        }
        // The files of a separate test folder may be named "train" or "t10k".
        string part = Directory.Exists(folder) && !HasPart(folder, idxPart) ? TrainPart : idxPart;
        LabeledImages images = IdxDataset.OpenFolder(folder, part);
        if (classes is not null)
        {
            RequireClasses(folder, classes, images.ClassNames);
        }
        return images;
    }

    private static void RequireClasses(string folder, IReadOnlyList<string> expected, IReadOnlyList<string> found)
    {
        // Without classes.txt the names are the labels that occur, and the highest may not occur.
        bool unnamed = !File.Exists(Path.Combine(folder, "classes.txt"));
        bool fits = unnamed ? found.Count <= expected.Count : found.SequenceEqual(expected);
        if (!fits)
        {
            int i = Enumerable
                .Range(0, Math.Min(expected.Count, found.Count))
                .FirstOrDefault(i => expected[i] != found[i], -1);
            string difference = i < 0 || unnamed ? "" : $": class {i} is '{found[i]}', not '{expected[i]}'";
            throw new DataException(
                folder,
                $"has {found.Count} classes, but the model has {expected.Count}{difference}."
            );
        }
    }

    private static DataFormat Detect(string folder) =>
        Directory.Exists(folder) && (HasPart(folder, TrainPart) || HasPart(folder, TestPart))
            ? DataFormat.Idx
            : PartOfSource.Parse(folder).Detect() ?? DataFormat.Folder;

    private static bool HasPart(string folder, string part) =>
        Directory.EnumerateFiles(folder, $"{part}-images*idx3-ubyte*").Any();
}
