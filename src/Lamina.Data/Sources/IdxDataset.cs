using System.Security.Cryptography;

namespace Lamina;

/// <summary>Gray images and labels from a pair of IDX files, such as MNIST and Fashion-MNIST, kept in memory.</summary>
public sealed class IdxDataset : LabeledImages
{
    private readonly string _path;
    private readonly IdxFile _images;

    private IdxDataset(string path, IdxFile images, int[] labels, string[] classNames) =>
        (_path, _images, Labels, ClassNames) = (path, images, labels, classNames);

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Labels { get; }

    /// <summary>The size of the images.</summary>
    public Size2 Size => (_images.Dims[1], _images.Dims[2]);

    /// <summary>Reads part of a data set from a folder with the usual file names.</summary>
    /// <param name="folder">
    /// The folder: <c>PART-images-idx3-ubyte</c> and <c>PART-labels-idx1-ubyte</c>, each with or without <c>.gz</c>, and
    /// optionally <c>classes.txt</c> with one class name per line.
    /// </param>
    /// <param name="part">The part: <c>train</c>, or <c>t10k</c> for the test images.</param>
    /// <exception cref="DataException">A file is missing or malformed, or the two do not fit together.</exception>
    public static IdxDataset OpenFolder(string folder, string part = "train")
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DataException(folder, "no such folder.");
        }
        string classes = Path.Combine(folder, "classes.txt");
        string[]? names = File.Exists(classes)
            ? [.. File.ReadLines(classes).Select(l => l.Trim()).Where(l => l.Length > 0)]
            : null;
        return Open(Find(folder, $"{part}-images", "idx3"), Find(folder, $"{part}-labels", "idx1"), names);
    }

    /// <summary>Reads a pair of files, gzipped or not.</summary>
    /// <param name="imagesPath">The images: unsigned bytes, (count, height, width).</param>
    /// <param name="labelsPath">The labels: unsigned bytes, (count).</param>
    /// <param name="classNames">The class names, in the order of the labels. Default: the labels as text.</param>
    /// <exception cref="DataException">A file is missing or malformed, or the two do not fit together.</exception>
    public static IdxDataset Open(string imagesPath, string labelsPath, IReadOnlyList<string>? classNames = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(imagesPath);
        ArgumentException.ThrowIfNullOrEmpty(labelsPath);
        IdxFile images = IdxFile.Read(imagesPath, rank: 3);
        IdxFile labels = IdxFile.Read(labelsPath, rank: 1);
        if (labels.Dims[0] != images.Dims[0])
        {
            throw new DataException(
                labelsPath,
                $"has {labels.Dims[0]} labels for the {images.Dims[0]} images of {imagesPath}."
            );
        }
        int largest = labels.Elements.Max();
        if (classNames is not null && largest >= classNames.Count)
        {
            throw new DataException(labelsPath, $"has a label {largest}, but there are {classNames.Count} classes.");
        }
        string[] names = classNames is null
            ? [.. Enumerable.Range(0, largest + 1).Select(i => $"{i}")]
            : [.. classNames];
        return new IdxDataset(imagesPath, images, [.. labels.Elements.Select(l => (int)l)], names);
    }

    private protected override bool IsInMemory => true;

    /// <inheritdoc/>
    public override string NameOf(int index) => $"{_path}, image {index}";

    /// <inheritdoc/>
    public override void Decode(int index, PixelBuffer target, Size2 enough = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        (int height, int width) = Size;
        target.Resize(height, width, 1);
        _images.Elements.AsSpan(checked(index * height * width), height * width).CopyTo(target.Pixels);
    }

    /// <inheritdoc/>
    protected internal override ImageContent ContentOf(int index, bool quick)
    {
        (int height, int width) = Size;
        ReadOnlySpan<byte> pixels = _images.Elements.AsSpan(checked(index * height * width), height * width);
        // The pixels are in memory: reading them is fast, and the same whether the file is gzipped or not.
        return new ImageContent($"{index} {Size}", pixels.Length, SHA256.HashData(pixels));
    }

    private static string Find(string folder, string name, string kind)
    {
        string[] candidates =
        [
            $"{name}-{kind}-ubyte",
            $"{name}-{kind}-ubyte.gz",
            $"{name}.{kind}-ubyte",
            $"{name}.{kind}-ubyte.gz",
        ];
        return candidates.Select(c => Path.Combine(folder, c)).FirstOrDefault(File.Exists)
            ?? throw new DataException(folder, $"has no {candidates[0]}, gzipped (.gz) or not.");
    }
}
