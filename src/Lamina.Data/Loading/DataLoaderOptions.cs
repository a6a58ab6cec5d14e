namespace Lamina;

/// <summary>The options of a <see cref="DataLoader"/>.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>The number of images in a batch, at least 1. Default: 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary><see langword="true"/> to shuffle images in each epoch. Default: <see langword="false"/>.</summary>
    public bool Shuffle { get; init; }

    /// <summary>The seed of shuffling and augmentation. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The number of threads that decode ahead, 0 to 1024. Default: one per core. 0 decodes on the caller's thread when a
    /// batch is requested. The batches do not depend on this number.
    /// </summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The number of batches to prepare ahead of the one in use, 1 to 1024. Default: 2.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>
    /// <see langword="true"/> for one-hot targets (N, classes) instead of class indices (N, 1). Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool OneHot { get; init; }

    /// <summary><see langword="true"/> to omit a smaller last batch. Default: <see langword="false"/>.</summary>
    public bool DropRemainder { get; init; }

    /// <summary><see langword="true"/> to throw on an unreadable image instead of skipping it. Default: <see langword="false"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// <see langword="true"/> to reuse arrays for later batches: a batch is then valid only until the next one is requested.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool ReuseBuffers { get; init; }

    /// <summary>The augmentations, in order. Default: none.</summary>
    public IReadOnlyList<Augmentation> Augmentations { get; init; } = [];

    /// <summary>
    /// The number of rows per image: 1, 2 for the image and its mirror image, or 10 for the paper's test with the four corners,
    /// the center and their mirror images
    /// (corners of the central ShortSide×ShortSide square; without a short side the image is first resized to 256/224 of the
    /// input). The ten rows of an image are adjacent and share one target. Default: 1. See <see cref="CropAverage"/>.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>The callback for each skipped image, called once on the thread that requests batches.</summary>
    public Action<SkippedImage>? OnSkipped { get; init; }

    internal void Validate(Preprocessing preprocessing)
    {
        Check(BatchSize >= 1, $"BatchSize is {BatchSize}; it must be at least 1.");
        Check(Workers is >= 0 and <= 1024, $"Workers is {Workers}; it must be from 0 to 1024.");
        Check(Prefetch is >= 1 and <= 1024, $"Prefetch is {Prefetch}; it must be from 1 to 1024.");
        Check(Augmentations is not null, "Augmentations is null. Use an empty list.");
        Check(Crops is 1 or 2 or TenCrop.Count, $"Crops is {Crops}; it must be 1, 2 or 10.");
        Check(
            Crops == 1 || Augmentations!.Count == 0,
            "several crops exclude Augmentations. Remove them, or set Crops to 1."
        );
        foreach (Augmentation augmentation in Augmentations!)
        {
            augmentation.Validate(preprocessing);
        }

        static void Check(bool holds, string message)
        {
            if (!holds)
            {
                throw new ConfigException($"DataLoader: {message}");
            }
        }
    }
}
