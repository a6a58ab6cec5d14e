namespace Lamina;

/// <summary>
/// A folder of class folders of images, as torchvision's ImageFolder reads it: each sub-folder is a class, its images
/// (JPEG, PNG, WebP, BMP, GIF, told by their extensions) lie in it or below. Classes are in ordinal order of their names
/// and images in ordinal order of their paths, whatever the file system's order. What starts with a dot is left out.
/// </summary>
public sealed class ImageFolder : LabeledImages
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".jpg",
        ".jpeg",
        ".png",
        ".webp",
        ".bmp",
        ".gif",
    };

    private readonly string[] _paths;
    private readonly long _maxPixels;

    private ImageFolder(string path, string[] classNames, string[] paths, int[] labels, long maxPixels) =>
        (Path, ClassNames, _paths, Labels, _maxPixels) = (path, classNames, paths, labels, maxPixels);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Labels { get; }

    /// <summary>Lists a folder's images, without decoding any.</summary>
    /// <param name="path">The folder of class folders.</param>
    /// <param name="classNames">
    /// The classes that the folder must have, in the order of their labels (a trained model's); <see langword="null"/>
    /// to take the folder's own.
    /// </param>
    /// <param name="maxPixels">Images that declare more pixels are refused before they are decoded; 100 million.</param>
    /// <exception cref="DataException">
    /// There is no such folder, it has no class folders, a class has no images, or the classes are not those expected.
    /// </exception>
    public static ImageFolder Open(
        string path,
        IReadOnlyList<string>? classNames = null,
        long maxPixels = ImageDecoder.DefaultMaxPixels
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        if (!Directory.Exists(path))
        {
            throw new DataException(
                path,
                File.Exists(path)
                    ? "is a file. Name a folder that has a sub-folder of images for each class."
                    : "there is no such folder."
            );
        }
        try
        {
            string[] names = CheckedClasses(path, classNames);
            var paths = new List<string>();
            var labels = new List<int>();
            for (int c = 0; c < names.Length; c++)
            {
                string folder = System.IO.Path.Combine(path, names[c]);
                var found = new List<string>();
                FolderWalk.Collect(folder, Extensions, found);
                if (found.Count == 0)
                {
                    throw new DataException(
                        folder,
                        "the class has no images (JPEG, PNG, WebP, BMP, GIF). Add some, or remove the folder."
                    );
                }
                found.Sort(StringComparer.Ordinal);
                paths.AddRange(found);
                labels.AddRange(Enumerable.Repeat(c, found.Count));
            }
            return new ImageFolder(path, names, [.. paths], [.. labels], maxPixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    private static string[] CheckedClasses(string path, IReadOnlyList<string>? expected)
    {
        string[] names =
        [
            .. Directory
                .EnumerateDirectories(path)
                .Select(d => System.IO.Path.GetFileName(d))
                .Where(n => !n.StartsWith('.'))
                .Order(StringComparer.Ordinal),
        ];
        if (names.Length == 0)
        {
            throw new DataException(path, "has no class folders. Put each class's images in a sub-folder of its own.");
        }
        if (expected is null)
        {
            return names;
        }
        string[] missing = [.. expected.Except(names)];
        string[] unknown = [.. names.Except(expected)];
        if (missing.Length + unknown.Length > 0)
        {
            string what = unknown.Length > 0 ? $"'{unknown[0]}' is not one of them" : $"'{missing[0]}' is missing";
            throw new DataException(
                path,
                $"has {names.Length} class folders where {expected.Count} classes are expected: {what}."
            );
        }
        return [.. expected];
    }

    /// <inheritdoc/>
    public override string NameOf(int index) => _paths[index];

    /// <inheritdoc/>
    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ImageDecoder.DecodeFile(_paths[index], target, enough, _maxPixels);
    }
}
