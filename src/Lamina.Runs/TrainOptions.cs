namespace Lamina.Runs;

/// <summary>The options of a training. Every value has a default.</summary>
public sealed record TrainOptions
{
    /// <summary>The name of the recipe that is used by default.</summary>
    public const string DefaultRecipe = "standard";

    /// <summary>
    /// The folder of the training images: one subfolder per class, subfolders train, val and test with these, or IDX files.
    /// Default: <see langword="null"/>, the Fashion-MNIST images that ship with the library.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>The format of <see cref="Data"/>. Default: <see langword="null"/>, detected from the content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>
    /// The folder of the validation and test images. Default: <see langword="null"/>, those in <see cref="Data"/>, or else a
    /// fraction of the training images.
    /// </summary>
    public string? Validation { get; init; }

    /// <summary>
    /// The fraction of each class held out for testing if there are no other test images, above 0 and below 1.
    /// Default: 0.2.
    /// </summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>
    /// <see langword="true"/> to hold out a tenth of the training images for validation if the data has no validation images
    /// of its own, so that test images decide nothing; <see langword="false"/> to validate on the test images. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool HoldOutValidation { get; init; }

    /// <summary>The model, augmentation, optimizer and schedule. Default: the recipe <see cref="DefaultRecipe"/>.</summary>
    public Recipe Recipe { get; init; } = Recipe.Get(DefaultRecipe);

    /// <summary>The initial weights. Default: <see langword="null"/>, random.</summary>
    public StartingWeights? Weights { get; init; }

    /// <summary>The seed of all random numbers: equal seeds, equal runs. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The run folder to write, new or empty. Default: <see langword="null"/>, a new folder under <c>runs</c> that is named
    /// after the model and the time.
    /// </summary>
    public string? Output { get; init; }

    /// <summary><see langword="true"/> to throw on an unreadable image instead of skipping it. Default: <see langword="false"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// <see langword="true"/> to recompute activations in the backward pass: less memory, more time, the same result. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The device that trains. Default: <see langword="null"/>, <see cref="ComputeDevices.Best"/>.</summary>
    public Device? Device { get; init; }

    /// <summary>
    /// The precision in which it computes. Default: <see langword="null"/>, <see cref="ComputeDevices.DefaultPrecision"/>.
    /// </summary>
    public ComputePrecision? Precision { get; init; }

    /// <summary>The number of compute threads, at least 1. Default: <see langword="null"/>, one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>The number of threads that read images, at least 0. Default: one per core.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The cache of decoded images in megabytes, at least 0, limited to a quarter of the machine's memory. Images that fit are
    /// decoded once instead of in every epoch. Default: 1,024.
    /// </summary>
    public int CacheMegabytes { get; init; } = 1024;

    /// <summary>
    /// The frequency of checkpoints; <see langword="null"/> to save one only if the run is canceled. Default: every epoch.
    /// </summary>
    public Frequency? CheckpointEvery { get; init; } = Frequency.Epoch;

    /// <summary>
    /// The number of checkpoints to keep, at least 0. An unfinished run keeps at least one. Default: 2.
    /// </summary>
    public int Keep { get; init; } = 2;

    /// <summary>
    /// The ranks that train together, each of which makes the same call; rank 0 writes the run folder. Default:
    /// <see langword="null"/>, this process alone.
    /// </summary>
    public ICommunicator? Communicator { get; init; }

    /// <summary>
    /// <see langword="true"/> if batch normalization uses the statistics of the whole batch on all ranks, as one process does;
    /// <see langword="false"/> for those of each rank's part. Default: <see langword="false"/>.
    /// </summary>
    public bool SynchronizeBatchNormalization { get; init; }

    /// <summary>The type in which ranks send gradients. Default: <see cref="GradientPrecision.Float32"/>.</summary>
    public GradientPrecision GradientPrecision { get; init; }

    /// <summary>
    /// The command line of the run, program first, for its record and report. Default: empty.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Checks the ranges of the values.</summary>
    /// <exception cref="LaminaException">A value is out of its range.</exception>
    internal void Validate()
    {
        Check(
            Precision is null || Enum.IsDefined(Precision.Value),
            nameof(Precision),
            Precision,
            "one of the named precisions"
        );
        Check(ValidationShare is > 0 and < 1, nameof(ValidationShare), ValidationShare, "above 0 and below 1");
        Check(Threads is null or >= 1, nameof(Threads), Threads, "at least 1");
        Check(Workers >= 0, nameof(Workers), Workers, "at least 0");
        Check(CacheMegabytes >= 0, nameof(CacheMegabytes), CacheMegabytes, "at least 0");
        Check(Keep >= 0, nameof(Keep), Keep, "at least 0");
        Check(Recipe.Epochs >= 1, "Recipe.Epochs", Recipe.Epochs, "at least 1");

        static void Check(bool holds, string name, object? value, string needed)
        {
            if (!holds)
            {
                throw new LaminaException(
                    FormattableString.Invariant($"{nameof(TrainOptions)}: {name} is {value}; it must be {needed}.")
                );
            }
        }
    }
}
