namespace Lamina.Cli;

/// <summary>The images to train on and those to test on.</summary>
internal sealed record DataSelection(LabeledImages Train, LabeledImages Test, DataOrigin Origin)
{
    private const string TrainPart = "train";
    private const string TestPart = "t10k";

    public IReadOnlyList<string> Classes => Train.ClassNames;

    /// <summary>The folder of the shipped data.</summary>
    public static string ShippedFolder { get; } = Path.Combine(AppContext.BaseDirectory, "data", "fashion-mnist");

    /// <summary>Opens training and test data.</summary>
    /// <param name="folder">The training data; <see langword="null"/> for what is shipped.</param>
    /// <param name="format">The format; <see langword="null"/> to see what is in the folder.</param>
    /// <param name="validation">A folder of test data; <see langword="null"/> for a test file or a split.</param>
    /// <param name="share">The share of each class to split off where there is no test data.</param>
    /// <param name="seed">What the split depends on.</param>
    /// <exception cref="LaminaException">There is no such data, or the two have not the same classes.</exception>
    public static DataSelection Open(string? folder, DataFormat? format, string? validation, double share, long seed)
    {
        if (folder is null)
        {
            return Open(new DataOrigin(DataFormat.Shipped, "", validation, null, seed));
        }
        DataFormat known = format ?? Detect(folder);
        bool hasTest = validation is not null || (known is DataFormat.Idx && HasPart(folder, TestPart));
        return Open(
            new DataOrigin(
                known,
                Path.GetFullPath(folder),
                validation is null ? null : Path.GetFullPath(validation),
                hasTest ? null : share,
                seed
            )
        );
    }

    /// <summary>Opens the test data of an origin again, for a model of these classes.</summary>
    public static LabeledImages OpenTest(DataOrigin origin, IReadOnlyList<string> classes)
    {
        // Only a split needs the training data.
        if (origin.Validation is not null)
        {
            return OpenLabeled(origin.Validation, origin.Format, classes, TestPart);
        }
        return origin.Share is null
            ? OpenLabeled(FolderOf(origin), origin.Format, classes, TestPart)
            : OpenLabeled(origin.Path, origin.Format, classes, TrainPart)
                .Split(origin.Share.Value, origin.Seed)
                .Validation;
    }

    /// <summary>Opens the training data of an origin again, for a model of these classes.</summary>
    public static LabeledImages OpenTrain(DataOrigin origin, IReadOnlyList<string> classes)
    {
        LabeledImages all = OpenLabeled(FolderOf(origin), origin.Format, classes, TrainPart);
        return origin.Share is { } share ? all.Split(share, origin.Seed).Train : all;
    }

    /// <summary>Opens images whose classes do not matter: of any folders, or of IDX files.</summary>
    public static LabeledImages OpenUnlabeled(string folder, DataFormat? format) =>
        Directory.Exists(folder) && (format ?? Detect(folder)) is DataFormat.Idx
            ? OpenLabeled(folder, DataFormat.Idx, null, TrainPart)
            : ImageFolder.OpenUnlabeled(folder);

    /// <summary>Opens data to evaluate a model of these classes on.</summary>
    public static LabeledImages OpenFor(string folder, DataFormat? format, IReadOnlyList<string> classes) =>
        OpenLabeled(folder, format ?? Detect(folder), classes, TestPart);

    private static DataSelection Open(DataOrigin origin)
    {
        LabeledImages all = OpenLabeled(FolderOf(origin), origin.Format, null, TrainPart);
        if (origin.Share is { } share)
        {
            (LabeledImages train, LabeledImages test) = all.Split(share, origin.Seed);
            return new DataSelection(train, test, origin);
        }
        return new DataSelection(all, OpenTest(origin, all.ClassNames), origin);
    }

    private static string FolderOf(DataOrigin origin) =>
        origin.Format is DataFormat.Shipped ? ShippedFolder : origin.Path;

    private static LabeledImages OpenLabeled(
        string folder,
        DataFormat format,
        IReadOnlyList<string>? classes,
        string idxPart
    )
    {
        if (format is DataFormat.Folder)
        {
            return ImageFolder.Open(folder, classes);
        }
        // A folder of test data of its own may call its files "train" or "t10k".
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
        // Without classes.txt the names are the labels as far as they occur, and the highest may not occur.
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
                $"has {found.Count} classes where the {expected.Count} of the model are expected{difference}."
            );
        }
    }

    private static DataFormat Detect(string folder) =>
        Directory.Exists(folder) && (HasPart(folder, TrainPart) || HasPart(folder, TestPart))
            ? DataFormat.Idx
            : DataFormat.Folder;

    private static bool HasPart(string folder, string part) =>
        Directory.EnumerateFiles(folder, $"{part}-images*idx3-ubyte*").Any();
}
