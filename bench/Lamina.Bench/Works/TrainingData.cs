namespace Lamina.Bench;

/// <summary>Data as `alexnet train` feeds it.</summary>
internal static class TrainingData
{
    public const int PhotoBatch = 32;

    private const int ShippedBatch = 64;
    private const int ShippedSide = 64;

    /// <summary>Photos made 256 at their short side, a random 224×224 part of which, mirrored at random, is an input.</summary>
    /// <param name="folder">Holds the photos.</param>
    /// <param name="workers">Threads that read.</param>
    /// <param name="cache">Bytes for decoded photos, which then are decoded once; `alexnet train` does so by --cache-mb.</param>
    public static DataLoader Photos(string folder, int workers, long cache = 0) =>
        new(
            ImageFolder.Open(folder).Cached(cache),
            new Preprocessing { ShortSide = 256 },
            Options(PhotoBatch, workers, [new RandomCrop(), new RandomFlip()])
        );

    /// <summary>Packed photos, read as <see cref="Photos"/> are, on the caller's thread.</summary>
    public static DataLoader Packed(string folder) =>
        new(
            WebDataset.Open(folder),
            new Preprocessing { ShortSide = 256 },
            Options(PhotoBatch, 0, [new RandomCrop(), new RandomFlip()])
        );

    /// <summary>The images that come with Lamina, as the recipe "standard" has them.</summary>
    public static DataLoader Shipped() =>
        new(
            IdxDataset.OpenFolder(Path.Combine(Repository.Root, "data", "fashion-mnist")),
            new Preprocessing { Height = ShippedSide, Width = ShippedSide },
            Options(ShippedBatch, Environment.ProcessorCount, [new RandomFlip()])
        );

    private static DataLoaderOptions Options(int batch, int workers, IReadOnlyList<Augmentation> augmentations) =>
        new()
        {
            BatchSize = batch,
            Shuffle = true,
            Workers = workers,
            ReuseBuffers = true,
            DropRemainder = true,
            Augmentations = augmentations,
        };
}

/// <summary>Batches held in memory.</summary>
internal sealed class KeptBatches(IReadOnlyList<Batch> batches) : IBatchSource
{
    public int Count => batches.Sum(b => b.Count);

    public int BatchSize => batches[0].Count;

    public IEnumerable<Batch> Batches(int epoch, int skip = 0) => batches.Skip(skip);

    /// <summary>A copy of a batch whose arrays will be used again.</summary>
    public static Batch Copy(Batch batch) =>
        new(
            [.. batch.Inputs.Select(i => new NDArray(i.Shape, i.Values.ToArray()))],
            [.. batch.Targets.Select(t => new NDArray(t.Shape, t.Values.ToArray()))]
        );
}

/// <summary>The first batches of each epoch of a loader.</summary>
internal sealed class FirstBatches(DataLoader loader, int count) : IBatchSource
{
    public int Count => count * BatchSize;

    public int BatchSize => loader.BatchSize;

    public IEnumerable<Batch> Batches(int epoch, int skip = 0) => loader.Batches(epoch, skip).Take(count - skip);
}
