namespace Lamina.Runs;

/// <summary>What a run trains on, how, and what it writes. Every value has a default.</summary>
public sealed record TrainOptions
{
    /// <summary>The name of the recipe that is used by default.</summary>
    public const string DefaultRecipe = "standard";

    /// <summary>
    /// The folder of the training images: a sub-folder for each class, sub-folders train, val and test with these, or IDX
    /// files. Default: <see langword="null"/>, the Fashion-MNIST images that are shipped with the library.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>The format of <see cref="Data"/>. Default: <see langword="null"/>, recognized from the folder's content.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>
    /// The folder of the images to validate and test on. Default: <see langword="null"/>, those that <see cref="Data"/>
    /// contains, or else a share of the training images.
    /// </summary>
    public string? Validation { get; init; }

    /// <summary>
    /// The share of each class that is set apart for testing if there are no other test images, above 0 and below 1.
    /// Default: 0.2.
    /// </summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>The model, augmentation, optimizer and schedule. Default: the recipe <see cref="DefaultRecipe"/>.</summary>
    public Recipe Recipe { get; init; } = Recipe.Get(DefaultRecipe);

    /// <summary>The weights to begin with. Default: <see langword="null"/>, drawn at random.</summary>
    public StartingWeights? Weights { get; init; }

    /// <summary>The seed of all random numbers: equal seeds, equal runs. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The run folder to write, new or empty. Default: <see langword="null"/>, a new folder under <c>runs</c> that is named
    /// after the model and the time.
    /// </summary>
    public string? Output { get; init; }

    /// <summary><see langword="true"/> if an image that cannot be read ends the run instead of being skipped. Default: no.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// <see langword="true"/> to keep fewer activations and recompute the others in the backward pass: less memory, more
    /// time, the same bits. Default: no.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>The threads that compute, at least 1. Default: <see langword="null"/>, one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>The threads that read and decode images, at least 0. Default: one per core.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The memory for decoded images in megabytes, at least 0, of which at most a quarter of the machine's memory is used.
    /// Images that fit are decoded once instead of in every epoch. Default: 1,024.
    /// </summary>
    public int CacheMegabytes { get; init; } = 1024;

    /// <summary>
    /// How often a checkpoint is saved; <see langword="null"/> for only when the run is canceled. Default: every epoch.
    /// </summary>
    public Frequency? CheckpointEvery { get; init; } = Frequency.Epoch;

    /// <summary>
    /// The number of checkpoints that are kept, at least 0. A run that is not finished keeps at least one. Default: 2.
    /// </summary>
    public int Keep { get; init; } = 2;

    /// <summary>
    /// The command line that asked for the run, program first, for its record and report. Default: empty, if no command
    /// did.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="LaminaException">A value is out of its range.</exception>
    internal void Validate()
    {
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
