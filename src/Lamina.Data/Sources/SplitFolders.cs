namespace Lamina;

/// <summary>
/// A folder with separate subfolders for training and testing, each of which contains class folders:
/// <c>train/cat/1.jpg</c>, <c>test/cat/2.jpg</c>.
/// </summary>
/// <param name="Train">The training images' folder (train, training); <see langword="null"/> if there is none.</param>
/// <param name="Validation">The folder for validation (val, valid, validation, dev), if there is one.</param>
/// <param name="Test">The test images' folder (test, testing), if there is one.</param>
public sealed record SplitFolders(string? Train, string? Validation, string? Test)
{
    private static readonly string[] TrainNames = ["train", "training"];
    private static readonly string[] ValidationNames = ["val", "valid", "validation", "dev"];
    private static readonly string[] TestNames = ["test", "testing"];
    private static readonly HashSet<string> PartNames = new(
        [.. TrainNames, .. ValidationNames, .. TestNames],
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>The unused subfolders with the name of a part: without class folders, or duplicates.</summary>
    public IReadOnlyList<string> Ignored { get; private init; } = [];

    /// <summary>
    /// Finds the parts of a folder by the names of its subfolders, ignoring case, and by their structure: a part contains
    /// class folders with images and no images directly. Classes that are called "train" and "test" remain classes.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <returns>
    /// The parts; <see langword="null"/> if there are none, or if there are other subfolders with images, which makes all of
    /// them classes.
    /// </returns>
    /// <exception cref="DataException">The folder cannot be listed.</exception>
    public static SplitFolders? Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            return null;
        }
        try
        {
            string[] folders = SubFolders(path);
            string[] named = [.. folders.Where(f => PartNames.Contains(Path.GetFileName(f)))];
            string[] parts = [.. named.Where(f => IsPart(f, named))];
            if (parts.Length == 0 || folders.Except(named).Any(ImageFolder.HasImages))
            {
                return null;
            }
            string? train = First(parts, TrainNames);
            string? validation = First(parts, ValidationNames);
            string? test = First(parts, TestNames);
            return new SplitFolders(train, validation, test)
            {
                Ignored = [.. named.Except([train, validation, test]).Select(f => Path.GetFileName(f)!)],
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    /// <summary>
    /// A part has class folders. If it directly contains images too, it may be a class with folders in it, unless another
    /// part has a class of the same name.
    /// </summary>
    private static bool IsPart(string folder, string[] others)
    {
        string[] classes = ClassesOf(folder);
        return classes.Length > 0
            && (
                !ImageFolder.HasImagesOfItsOwn(folder)
                || others.Where(o => o != folder).Any(o => ClassesOf(o).Intersect(classes).Any())
            );
    }

    private static string[] ClassesOf(string folder) =>
        [.. SubFolders(folder).Where(ImageFolder.HasImages).Select(f => Path.GetFileName(f))];

    private static string[] SubFolders(string folder) =>
        [
            .. Directory
                .EnumerateDirectories(folder)
                .Where(f => !Path.GetFileName(f).StartsWith('.'))
                .Order(StringComparer.Ordinal),
        ];

    private static string? First(string[] parts, string[] names) =>
        names
            .SelectMany(name => parts.Where(p => name.Equals(Path.GetFileName(p), StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault();
}
