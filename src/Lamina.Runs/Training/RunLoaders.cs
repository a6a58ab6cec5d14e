namespace Lamina.Runs.Training;

/// <summary>Makes the loaders of a run, which skip the same images and tell the same observer.</summary>
internal sealed class RunLoaders(TrainSettings settings, RunObserver observer)
{
    private readonly TrainOptions _options = settings.Options;

    /// <summary>Loads images to train on, in an order of its own in each epoch.</summary>
    public DataLoader Train(
        LabeledImages images,
        Preprocessing preprocessing,
        IReadOnlyList<Augmentation> augmentations
    ) => new(images, preprocessing, Common with { Shuffle = true, Augmentations = augmentations });

    /// <summary>Loads images to validate on: one crop each.</summary>
    public DataLoader Validation(LabeledImages images, Preprocessing preprocessing) =>
        new(images, preprocessing, Common);

    /// <summary>Loads images to test on, with the crops of the recipe.</summary>
    public DataLoader Test(LabeledImages images, Preprocessing preprocessing) =>
        new(images, preprocessing, Common with { Crops = settings.Recipe.Crops });

    /// <summary>Loads images for their features, in their order and in one view.</summary>
    public DataLoader Features(LabeledImages images, Preprocessing preprocessing, bool isMirrored) =>
        new(
            images,
            preprocessing,
            Common with
            {
                BatchSize = Transfer.FeatureCache.Batch,
                Augmentations = isMirrored ? [new RandomFlip(1)] : [],
            }
        );

    private DataLoaderOptions Common =>
        new()
        {
            BatchSize = settings.Batch,
            Seed = _options.Seed,
            Workers = _options.Workers,
            Strict = _options.Strict,
            ReuseBuffers = true,
            OnSkipped = observer.OnSkipped,
        };
}
