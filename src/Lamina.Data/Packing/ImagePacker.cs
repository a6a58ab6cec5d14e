using System.Text;

namespace Lamina;

/// <summary>
/// Packs labeled images into tar shards in the layout of WebDataset: shrunk once, in random order, so that training reads
/// them sequentially and decodes little. <c>pack.json</c> has the settings and the checksum of each finished shard.
/// </summary>
public static class ImagePacker
{
    private const string ClassFile = "classes.txt";
    private const string LockFile = ".lock";

    /// <summary>
    /// Packs the parts of a data set. If the folder has shards of an earlier call that was interrupted, they are compared with
    /// their checksums and kept, and the rest is packed. The bytes of the shards depend only on the images and the options.
    /// </summary>
    /// <param name="parts">
    /// The parts: names with which the names of shards begin, such as train and validation, and images. All have the same
    /// classes.
    /// </param>
    /// <param name="folder">The folder to write, which is created, or is empty, or has shards of an earlier call.</param>
    /// <param name="options">The options; the defaults if <see langword="null"/>.</param>
    /// <param name="observer">The observer. Default: none.</param>
    /// <param name="cancellation">Cancels packing. The finished shards are kept.</param>
    /// <exception cref="ConfigException">An option is out of its range.</exception>
    /// <exception cref="LaminaException">
    /// The folder has other files, or shards of other images or options; it cannot be written; no image of a part can be read.
    /// </exception>
    /// <exception cref="OperationCanceledException">Packing was canceled.</exception>
    public static PackResult Pack(
        IReadOnlyList<(string Name, LabeledImages Images)> parts,
        string folder,
        PackOptions? options = null,
        PackObserver? observer = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new PackOptions();
        options.Validate();
        if (parts.Count == 0 || parts.Any(p => p.Images.Count == 0))
        {
            throw new DataException(folder, "there are no images to pack.");
        }
        string classes = ClassText(parts[0].Images.ClassNames);
        Create(folder);
        using FileStream held = Lock(folder, Path.Combine(folder, LockFile));
        return Run(parts, folder, options, classes, observer ?? new PackObserver(), cancellation);
    }

    private static PackResult Run(
        IReadOnlyList<(string Name, LabeledImages Images)> parts,
        string folder,
        PackOptions options,
        string classes,
        PackObserver observer,
        CancellationToken cancellation
    )
    {
        var manifest = new PackManifest
        {
            Format = PackManifest.CurrentFormat,
            Side = options.Side,
            Quality = options.Raw ? 0 : options.Quality,
            Seed = options.Seed,
            ImagesPerShard = options.ImagesPerShard,
            Parts =
            [
                .. parts.Select(p => new PackedPart(
                    p.Name,
                    p.Images.Count,
                    p.Images.Fingerprint(quick: true, cancellation)
                )),
            ],
            Shards = [],
        };
        var kept = KeptShards.Of(folder, manifest, observer, cancellation);
        AtomicFile.WriteAllText(Path.Combine(folder, ClassFile), classes);
        return new PackRun(parts, folder, options, observer, cancellation).Run(manifest, kept);
    }

    private static string ClassText(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (name.Length == 0 || name.Trim() != name || name.AsSpan().ContainsAny('\n', '\r'))
            {
                throw new DataException(
                    $"class '{name}'",
                    $"a name in {ClassFile} cannot be empty, begin or end with a space, or contain a line break. Rename the class."
                );
            }
        }
        return new StringBuilder().AppendJoin('\n', names).Append('\n').ToString();
    }

    private static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            bool isOthers =
                !File.Exists(Path.Combine(folder, PackManifest.FileName))
                && Directory
                    .EnumerateFileSystemEntries(folder)
                    .Any(e =>
                        Path.GetFileName(e) is var name && name != LockFile && name != ClassFile && !IsLeftover(name)
                    );
            if (isOthers)
            {
                throw new DataException(
                    folder,
                    $"is not empty and has no {PackManifest.FileName}. Pack into a new or empty folder."
                );
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"cannot be created or listed ({e.Message.TrimEnd('.')}).", e);
        }
    }

    // What a killed process leaves of the first files.
    private static bool IsLeftover(string name) => name[0] == '.' && name.EndsWith(".tmp", StringComparison.Ordinal);

    private static FileStream Lock(string folder, string path)
    {
        try
        {
            return new FileStream(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new DataException(folder, "another process packs into this folder. Wait for it, or stop it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
