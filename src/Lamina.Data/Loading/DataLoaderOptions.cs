namespace Lamina;

/// <summary>How a <see cref="DataLoader"/> makes batches.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Images in a batch, at least 1; 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Whether each epoch has an order of its own; no, as for evaluation.</summary>
    public bool Shuffle { get; init; }

    /// <summary>What the orders and the augmentations depend on; 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Threads that decode ahead, at least 0; as many as processors. 0 decodes on the caller's thread, when a batch is
    /// asked for. The batches are the same for every number.
    /// </summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>How many batches may be made ahead of the one in use, at least 1; 2.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Whether targets are one-hot rows (N, classes) and not class indices (N, 1); no.</summary>
    public bool OneHot { get; init; }

    /// <summary>Whether a last batch with fewer images is left out; no.</summary>
    public bool DropRemainder { get; init; }

    /// <summary>Whether an image that cannot be read ends the run and is not left out; no.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Whether a batch's arrays are used again for a later batch: they may then be read only until the next batch is
    /// asked for. No: each batch keeps its own.
    /// </summary>
    public bool ReuseBuffers { get; init; }

    /// <summary>Random changes in training, in this order; none.</summary>
    public IReadOnlyList<Augmentation> Augmentations { get; init; } = [];

    /// <summary>
    /// Rows that an image has in a batch: 1, or 10 for the test of the paper, the four corners and the centre and their
    /// mirror images (corners of the centre ShortSide×ShortSide; without a short side the image is first made 256/224 of
    /// the input). The ten rows of an image follow each other and have one target. See <see cref="CropAverage"/>.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>Called for each image that is left out, once, on the thread that asks for batches.</summary>
    public Action<SkippedImage>? OnSkipped { get; init; }

    internal void Validate(Preprocessing preprocessing)
    {
        Check(BatchSize >= 1, $"BatchSize is {BatchSize}; it must be at least 1.");
        Check(Workers is >= 0 and <= 1024, $"Workers is {Workers}; it must be from 0 to 1024.");
        Check(Prefetch is >= 1 and <= 1024, $"Prefetch is {Prefetch}; it must be from 1 to 1024.");
        Check(Augmentations is not null, "Augmentations is null; leave it empty instead.");
        Check(Crops is 1 or TenCrop.Count, $"Crops is {Crops}; it must be 1 or 10.");
        Check(
            Crops == 1 || Augmentations!.Count == 0,
            "ten crops are for testing and take no Augmentations. Leave them out, or set Crops to 1."
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
