using System.Security.Cryptography;

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
    /// The classes in the order of their labels (a trained model's), of which some may be missing or empty here
    /// (<see cref="LabeledImages.ClassesWithoutImages"/>); <see langword="null"/> to take the folder's own, each of which
    /// must have images.
    /// </param>
    /// <param name="maxPixels">Images that declare more pixels are refused before they are decoded; 100 million.</param>
    /// <exception cref="DataException">
    /// There is no such folder, it has no class folders, it has a class that is not one of those given, a class of its
    /// own has no images, or none has.
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
                if (Directory.Exists(folder))
                {
                    FolderWalk.Collect(folder, Extensions, found);
                }
                if (found.Count == 0 && classNames is null)
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
            if (paths.Count == 0)
            {
                throw new DataException(path, "no class has images (JPEG, PNG, WebP, BMP, GIF).");
            }
            return new ImageFolder(path, names, [.. paths], [.. labels], maxPixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    /// <summary>
    /// Lists all images of a folder and of the folders in it, whatever these are named, as one class of the folder's name:
    /// for calibration, where labels do not matter. None is decoded.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="maxPixels">Images that declare more pixels are refused before they are decoded; 100 million.</param>
    /// <exception cref="DataException">There is no such folder, or no image in it.</exception>
    public static ImageFolder OpenUnlabeled(string path, long maxPixels = ImageDecoder.DefaultMaxPixels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        if (!Directory.Exists(path))
        {
            throw new DataException(
                path,
                File.Exists(path) ? "is a file. Name a folder of images." : "there is no such folder."
            );
        }
        try
        {
            var paths = new List<string>();
            FolderWalk.Collect(path, Extensions, paths);
            if (paths.Count == 0)
            {
                throw new DataException(path, "has no images (JPEG, PNG, WebP, BMP, GIF).");
            }
            paths.Sort(StringComparer.Ordinal);
            string name = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(path).TrimEnd('/', '\\'));
            return new ImageFolder(path, [name], [.. paths], new int[paths.Count], maxPixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    /// <summary><see langword="true"/> if images lie in a folder itself, not in one below it.</summary>
    internal static bool HasImagesOfItsOwn(string folder) =>
        Directory.EnumerateFiles(folder).Any(f => Extensions.Contains(System.IO.Path.GetExtension(f)));

    /// <summary><see langword="true"/> if a folder has images at any depth.</summary>
    internal static bool HasImages(string folder)
    {
        if (HasImagesOfItsOwn(folder))
        {
            return true;
        }
        var found = new List<string>();
        FolderWalk.Collect(folder, Extensions, found);
        return found.Count > 0;
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
        if (names.Except(expected).FirstOrDefault() is { } unknown)
        {
            throw new DataException(
                path,
                $"has a class folder '{unknown}', which is none of the {expected.Count} classes of the model or of the "
                    + "training data. Rename it, or move it elsewhere."
            );
        }
        return [.. expected];
    }

    /// <inheritdoc/>
    public override string NameOf(int index) => _paths[index];

    /// <inheritdoc/>
    protected internal override ImageContent ContentOf(int index, bool quick)
    {
        string path = _paths[index];
        try
        {
            // With one kind of separator, so that the fingerprint is the same on every system.
            string name = System
                .IO.Path.GetRelativePath(Path, path)
                .Replace(System.IO.Path.DirectorySeparatorChar, '/');
            if (quick)
            {
                return new ImageContent(name, new FileInfo(path).Length, default);
            }
            using FileStream file = File.OpenRead(path);
            return new ImageContent(name, file.Length, SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be read ({e.Message}).", e);
        }
    }

    /// <inheritdoc/>
    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ImageDecoder.DecodeFile(_paths[index], target, enough, _maxPixels);
    }

    internal override void DecodePart(int index, PixelBuffer target, Size2 enough, PartChooser part) =>
        ImageDecoder.DecodeFile(_paths[index], target, enough, _maxPixels, part);
}
