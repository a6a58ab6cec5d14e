namespace Lamina;

/// <summary>
/// A folder of class folders of images, as in torchvision's ImageFolder: each subfolder is a class, with images (JPEG, PNG,
/// WebP, BMP, GIF, recognized by extension) at any depth. Classes are in ordinal order of their names and images in ordinal
/// order of their paths, regardless of the file system's order. Names that start with a dot and folders that systems add,
/// such as <c>__MACOSX</c>, are ignored. Links to folders are followed, each folder being entered once per class, except to
/// folders that contain the link (<see cref="LabeledImages.SkippedFolders"/>).
/// </summary>
public sealed class ImageFolder : LabeledImages
{
    /// <summary>The extensions of image files.</summary>
    internal static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
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

    private ImageFolder(
        string path,
        string[] classNames,
        string[] paths,
        int[] labels,
        IReadOnlyList<SkippedImage> skipped,
        long maxPixels
    ) =>
        (Path, ClassNames, _paths, Labels, SkippedFolders, _maxPixels) = (
            path,
            classNames,
            paths,
            labels,
            skipped,
            maxPixels
        );

    /// <summary>The path of the folder.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Labels { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<SkippedImage> SkippedFolders { get; }

    /// <summary>Lists the images of a folder without decoding them.</summary>
    /// <param name="path">The folder of class folders.</param>
    /// <param name="classNames">
    /// The classes in the order of their labels (as in a trained model), some of which may be missing or empty here
    /// (<see cref="LabeledImages.ClassesWithoutImages"/>); <see langword="null"/> for the classes of the folder, each of
    /// which must have images.
    /// </param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">
    /// The folder does not exist, has no class folders, has a class that is not in <paramref name="classNames"/>, has a class
    /// without images, or has no images.
    /// </exception>
    public static ImageFolder Open(
        string path,
        IReadOnlyList<string>? classNames = null,
        long maxPixels = ImageDecoder.DefaultMaxPixels,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        if (!Directory.Exists(path))
        {
            throw new DataException(
                path,
                File.Exists(path)
                    ? "is a file. Use a folder with one subfolder of images per class."
                    : "no such folder."
            );
        }
        try
        {
            var skipped = new List<SkippedImage>();
            string[] names = CheckedClasses(path, classNames, skipped);
            var paths = new List<string>();
            var labels = new List<int>();
            for (int c = 0; c < names.Length; c++)
            {
                string folder = System.IO.Path.Combine(path, names[c]);
                var walk = new FolderWalk(Extensions, cancellation);
                if (Directory.Exists(folder))
                {
                    walk.Collect(folder);
                }
                if (walk.Files.Count == 0 && classNames is null)
                {
                    throw new DataException(
                        folder,
                        walk.Skipped.FirstOrDefault(s => s.Name == folder)?.Reason
                            ?? "the class has no images (JPEG, PNG, WebP, BMP, GIF). Add some, or remove the folder."
                    );
                }
                skipped.AddRange(walk.Skipped);
                paths.AddRange(walk.Files);
                labels.AddRange(Enumerable.Repeat(c, walk.Files.Count));
            }
            if (paths.Count == 0)
            {
                throw new DataException(path, "no class has images (JPEG, PNG, WebP, BMP, GIF).");
            }
            return new ImageFolder(path, names, [.. paths], [.. labels], skipped, maxPixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    /// <summary>
    /// Lists all images of a folder tree without decoding them, as one class with the name of the folder: for calibration,
    /// where labels do not matter.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="maxPixels">The most pixels; larger images are refused before they are decoded. Default: 100 million.</param>
    /// <param name="cancellation">Cancels the listing.</param>
    /// <exception cref="DataException">The folder does not exist or contains no images.</exception>
    public static ImageFolder OpenUnlabeled(
        string path,
        long maxPixels = ImageDecoder.DefaultMaxPixels,
        CancellationToken cancellation = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPixels, 1);
        if (!Directory.Exists(path))
        {
            throw new DataException(path, File.Exists(path) ? "is a file. Use a folder of images." : "no such folder.");
        }
        try
        {
            var walk = new FolderWalk(Extensions, cancellation);
            walk.Collect(path);
            if (walk.Files.Count == 0)
            {
                throw new DataException(
                    path,
                    walk.Skipped.FirstOrDefault(s => s.Name == path)?.Reason
                        ?? "has no images (JPEG, PNG, WebP, BMP, GIF)."
                );
            }
            string name = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(path).TrimEnd('/', '\\'));
            return new ImageFolder(path, [name], [.. walk.Files], new int[walk.Files.Count], walk.Skipped, maxPixels);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"cannot be listed ({e.Message}).", e);
        }
    }

    /// <summary>Returns <see langword="true"/> if a folder directly contains images.</summary>
    internal static bool HasImagesOfItsOwn(string folder) =>
        Directory.EnumerateFiles(folder).Any(f => Extensions.Contains(System.IO.Path.GetExtension(f)));

    /// <summary>Returns <see langword="true"/> if a folder contains images at any depth.</summary>
    internal static bool HasImages(string folder)
    {
        if (HasImagesOfItsOwn(folder))
        {
            return true;
        }
        var walk = new FolderWalk(Extensions);
        walk.Collect(folder);
        return walk.Files.Count > 0;
    }

    private static string[] CheckedClasses(string path, IReadOnlyList<string>? expected, List<SkippedImage> skipped)
    {
        string[] names = [.. ClassFolders(path, skipped).Order(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            throw new DataException(
                path,
                "has no class folders. Put the images of each class into their own subfolder."
            );
        }
        if (expected is null)
        {
            return names;
        }
        if (names.Except(expected).FirstOrDefault() is { } unknown)
        {
            throw new DataException(
                path,
                $"has a class folder '{unknown}', which is not one of the {expected.Count} classes of the model or of the "
                    + "training data. Rename it, or move it elsewhere."
            );
        }
        return [.. expected];
    }

    private static IEnumerable<string> ClassFolders(string path, List<SkippedImage> skipped)
    {
        string real = RealPath.Of(path) ?? path;
        foreach (DirectoryInfo folder in new DirectoryInfo(path).EnumerateDirectories())
        {
            if (FolderWalk.IsIgnored(folder.Name))
            {
                continue;
            }
            if (folder.LinkTarget is not null && FolderWalk.Refusal(folder.ToString(), real) is { } reason)
            {
                skipped.Add(new SkippedImage(folder.ToString(), reason));
                continue;
            }
            yield return folder.Name;
        }
    }

    /// <inheritdoc/>
    public override string NameOf(int index) => _paths[index];

    /// <inheritdoc/>
    protected internal override ImageContent ContentOf(int index, bool quick)
    {
        string path = _paths[index];
        // With one separator, so that the fingerprint is the same on every system.
        string name = System.IO.Path.GetRelativePath(Path, path).Replace(System.IO.Path.DirectorySeparatorChar, '/');
        return FileContent.Of(path, name, quick);
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
