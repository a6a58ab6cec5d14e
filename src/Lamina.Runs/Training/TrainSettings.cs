using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Text;

namespace Lamina.Runs.Training;

/// <summary>The options of a run with what its starting weights come to.</summary>
/// <param name="Options">The options; the recipe fits the starting weights.</param>
internal sealed record TrainSettings(TrainOptions Options)
{
    private const string Never = "never";
    private const string SynchronizeKey = "synchronize_batch_normalization";
    private const string GradientKey = "gradient_precision";
    private const string HoldOutKey = "hold_out_validation";

    /// <summary>The starting weights; null for random weights.</summary>
    public TransferSettings? Transfer { get; init; }

    /// <summary>The device that trains.</summary>
    public Device Device { get; init; }

    /// <summary>The precision in which it computes.</summary>
    public ComputePrecision Precision => Options.Precision ?? ComputePrecision.Float32;

    public Recipe Recipe => Options.Recipe;

    public string Model => Transfer is { Model: null } ? Transfer.ModelName : Recipe.Model;

    /// <summary>The command as a shell would take it; null if the run was not started by one.</summary>
    public string? CommandText => Options.Command.Count == 0 ? null : ShellWords.Join(Options.Command);

    /// <summary>The ranks that train together; null for this process alone.</summary>
    public ICommunicator? Ranks => Options.Communicator is { Size: > 1 } ranks ? ranks : null;

    /// <summary><see langword="true"/> if another rank writes the run folder.</summary>
    public bool IsFollower => Ranks is { Rank: > 0 };

    /// <summary>Images computed at a time.</summary>
    public int Batch => Recipe.MicroBatch ?? Recipe.Batch;

    /// <summary>Returns the settings for a data set of this size: with the recipe's epochs, if it counts images.</summary>
    /// <exception cref="LaminaException">Frozen layers would be unfrozen after the last epoch.</exception>
    public TrainSettings For(int images)
    {
        Recipe recipe = Recipe.ForImages(images);
        return Transfer?.UnfreezeAfter is { } after && after >= recipe.Epochs
            ? throw new LaminaException(
                $"unfreeze after {after} epochs: {images} images are seen in {recipe.Epochs} epochs. Use fewer, or set the epochs."
            )
            : this with
            {
                Options = Options with { Recipe = recipe },
            };
    }

    /// <summary>Returns all that is needed to resume the run from any folder.</summary>
    /// <param name="threads">The threads that the run computes with: its bits depend on them.</param>
    public JsonObject ToRunJson(int threads)
    {
        JsonObject json = new()
        {
            ["folder"] = Options.Data is { } data ? PartOfSource.Full(data) : null,
            ["format"] = Options.Format?.ToString(),
            ["validation"] = Options.Validation is { } validation ? PartOfSource.Full(validation) : null,
            ["validation_share"] = Options.ValidationShare,
            ["recipe"] = Recipe.ToJsonObject(),
            ["seed"] = Options.Seed,
            ["transfer"] = Transfer?.ToJson(),
            ["strict"] = Options.Strict,
            ["recompute"] = Options.Recompute,
            ["device"] = Options.Device?.ToString() ?? ComputeDevices.Auto,
            ["precision"] = Precision.ToString(),
            ["threads"] = threads,
            ["workers"] = Options.Workers,
            ["cache_mb"] = Options.CacheMegabytes,
            ["checkpoint_every"] = Text(Options.CheckpointEvery),
            ["keep"] = Options.Keep,
        };
        if (Options.SynchronizeBatchNormalization)
        {
            json[SynchronizeKey] = true;
        }
        if (Options.GradientPrecision != GradientPrecision.Float32)
        {
            json[GradientKey] = Options.GradientPrecision.ToString();
        }
        if (Options.HoldOutValidation)
        {
            json[HoldOutKey] = true;
        }
        return json;
    }

    /// <summary>Reads what <see cref="ToRunJson"/> wrote.</summary>
    /// <exception cref="ConfigException">A value is missing or of a wrong kind.</exception>
    public static TrainSettings FromRunJson(JsonObject json) =>
        new(
            new TrainOptions
            {
                Data = json.OptionalText("folder"),
                Format = json.OptionalText("format") is null ? null : json.Choice<DataFormat>("format"),
                Validation = json.OptionalText("validation"),
                ValidationShare = json.Real("validation_share"),
                HoldOutValidation = json[HoldOutKey] is not null && json.Flag(HoldOutKey),
                Recipe = RecipeOf(json.Object("recipe")),
                Seed = json.Long("seed"),
                Strict = json.Flag("strict"),
                // Runs of before there was a choice kept all.
                Recompute = json["recompute"] is not null && json.Flag("recompute"),
                // Those of before there were devices computed on CPUs.
                Device = DeviceOf(json.OptionalText("device") ?? "cpu"),
                Precision = json["precision"] is null
                    ? ComputePrecision.Float32
                    : json.Choice<ComputePrecision>("precision"),
                Threads = json.Whole("threads"),
                Workers = json.Whole("workers"),
                CacheMegabytes = json.OptionalWhole("cache_mb") ?? new TrainOptions().CacheMegabytes,
                CheckpointEvery = FrequencyOf(json.Text("checkpoint_every")),
                Keep = json.Whole("keep"),
                SynchronizeBatchNormalization = json[SynchronizeKey] is not null && json.Flag(SynchronizeKey),
                GradientPrecision = json[GradientKey] is null
                    ? GradientPrecision.Float32
                    : json.Choice<GradientPrecision>(GradientKey),
            }
        )
        {
            Transfer = json["transfer"] is null ? null : TransferSettings.FromJson(json.Object("transfer")),
        };

    /// <summary>Returns what the saved model keeps: what is needed to repeat the run.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["command"] = "train",
            ["recipe"] = Recipe.ToJsonObject(),
            ["seed"] = Options.Seed,
            ["transfer"] = Transfer?.ToJson(),
            ["strict"] = Options.Strict,
            ["versions"] = RunVersions.OfProgram(),
        };

    /// <summary>Returns the settings with the device that is used and the precision that it computes in.</summary>
    /// <exception cref="LaminaException">The device cannot be used.</exception>
    public TrainSettings OnDevice()
    {
        Device device = Options.Device ?? ComputeDevices.Best();
        ComputePrecision precision = Options.Precision ?? ComputeDevices.DefaultPrecision(device);
        return this with { Device = device, Options = Options with { Precision = precision } };
    }

    private static Device? DeviceOf(string name) =>
        name == ComputeDevices.Auto ? null
        : Device.TryParse(name, out Device device) ? device
        : throw new ConfigException($"'device' is '{name}'; it must be auto, cpu, cuda, or cuda:N.");

    private static Recipe RecipeOf(JsonObject json)
    {
        var recipe = Recipe.FromJson(json.ToJsonString());
        // Runs from before there was a choice had moving averages, and end as they began.
        return json["statistics_images"] is null ? recipe with { StatisticsImages = 0 } : recipe;
    }

    private static string Text(Frequency? frequency) =>
        frequency switch
        {
            null => Never,
            { Batches: 0 } => "epoch",
            { Batches: var batches } => batches.ToString(CultureInfo.InvariantCulture),
        };

    private static Frequency? FrequencyOf(string text) =>
        text switch
        {
            Never => (Frequency?)null,
            "epoch" => Frequency.Epoch,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0 => n,
            _ => throw new ConfigException($"'checkpoint_every' is '{text}'; it must be epoch, never or a number."),
        };
}
