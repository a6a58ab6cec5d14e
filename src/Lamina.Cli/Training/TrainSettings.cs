using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>What <c>alexnet train</c> was asked to do.</summary>
internal sealed record TrainSettings
{
    public const string StandardRecipe = "standard";
    public const double StandardShare = 0.2;
    public const int StandardKeep = 2;
    public const int StandardCache = 1024;

    /// <summary>The training data; null for what is shipped.</summary>
    public string? Folder { get; init; }
    public DataFormat? Format { get; init; }
    public string? Validation { get; init; }
    public double ValidationShare { get; init; } = StandardShare;

    /// <summary>The recipe, with what the options changed of it.</summary>
    public Recipe Recipe { get; init; } = Recipe.Get(StandardRecipe);
    public long Seed { get; init; }

    /// <summary>What it begins from; null for weights drawn at random.</summary>
    public TransferSettings? Transfer { get; init; }

    /// <summary>The run's folder; null for one named after model and time.</summary>
    public string? Output { get; init; }

    /// <summary>Whether an image that cannot be read ends the run.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether activations are computed again for backward instead of kept.</summary>
    public bool Recompute { get; init; }

    /// <summary>Threads of an op; null for libtorch's choice.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that decode images.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Megabytes of decoded photos to keep in memory.</summary>
    public int CacheMegabytes { get; init; } = StandardCache;

    /// <summary>When checkpoints are saved: epoch, never (only when interrupted), or a number of steps.</summary>
    public string CheckpointEvery { get; init; } = "epoch";

    /// <summary>How many checkpoints are kept; of a run that goes on at least one.</summary>
    public int Keep { get; init; } = StandardKeep;

    /// <summary>The command line, without the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The command as a shell would take it.</summary>
    public string CommandText => ShellWords.Join(["alexnet", .. Arguments]);

    public string Model => Transfer is { Model: null } ? Transfer.ModelName : Recipe.Model;
    public int Input => Recipe.Input;
    public int Epochs => Recipe.Epochs;

    /// <summary>Images computed at a time.</summary>
    public int Batch => Recipe.MicroBatch ?? Recipe.Batch;

    /// <summary>When checkpoints are saved; null for only when interrupted.</summary>
    public Frequency? CheckpointFrequency =>
        CheckpointEvery switch
        {
            "never" => (Frequency?)null,
            "epoch" => Frequency.Epoch,
            _ => int.Parse(CheckpointEvery, CultureInfo.InvariantCulture),
        };

    /// <summary>All that a run needs to be gone on with from any folder.</summary>
    /// <param name="threads">The threads that the run computes with: its bits depend on them.</param>
    public JsonObject ToRunJson(int threads) =>
        new()
        {
            ["folder"] = Folder is null ? null : Path.GetFullPath(Folder),
            ["format"] = Format?.ToString(),
            ["validation"] = Validation is null ? null : Path.GetFullPath(Validation),
            ["validation_share"] = ValidationShare,
            ["recipe"] = Recipe.ToJsonObject(),
            ["seed"] = Seed,
            ["transfer"] = Transfer?.ToJson(),
            ["strict"] = Strict,
            ["recompute"] = Recompute,
            ["threads"] = threads,
            ["workers"] = Workers,
            ["cache_mb"] = CacheMegabytes,
            ["checkpoint_every"] = CheckpointEvery,
            ["keep"] = Keep,
        };

    /// <summary>Reads what <see cref="ToRunJson"/> wrote; exceptions are those of JsonNode and of recipes.</summary>
    public static TrainSettings FromRunJson(JsonObject json) =>
        new()
        {
            Folder = json["folder"]?.GetValue<string>(),
            Format = json["format"] is { } format ? Enum.Parse<DataFormat>(format.GetValue<string>()) : null,
            Validation = json["validation"]?.GetValue<string>(),
            ValidationShare = json["validation_share"]!.GetValue<double>(),
            Recipe = RecipeOf(json["recipe"]!),
            Seed = json["seed"]!.GetValue<long>(),
            Transfer = json["transfer"] is JsonObject transfer ? TransferSettings.FromJson(transfer) : null,
            Strict = json["strict"]!.GetValue<bool>(),
            // Runs of before there was a choice kept all.
            Recompute = json["recompute"]?.GetValue<bool>() ?? false,
            Threads = json["threads"]!.GetValue<int>(),
            Workers = json["workers"]!.GetValue<int>(),
            CacheMegabytes = json["cache_mb"]?.GetValue<int>() ?? StandardCache,
            CheckpointEvery = json["checkpoint_every"]!.GetValue<string>(),
            Keep = json["keep"]!.GetValue<int>(),
        };

    private static Recipe RecipeOf(JsonNode json)
    {
        Recipe recipe = Recipe.FromJson(json.ToJsonString());
        // Runs from before there was a choice had moving averages, and end as they began.
        return json["statistics_images"] is null ? recipe with { StatisticsImages = 0 } : recipe;
    }

    /// <summary>For the saved model: what is needed to repeat the run.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["command"] = "train",
            ["recipe"] = Recipe.ToJsonObject(),
            ["seed"] = Seed,
            ["transfer"] = Transfer?.ToJson(),
            ["strict"] = Strict,
            ["versions"] = new JsonObject
            {
                ["program"] = CommandLine.Version,
                ["dotnet"] = Environment.Version.ToString(),
                ["libtorch_abi"] = TorchLibrary.AbiVersion.ToString("x16", CultureInfo.InvariantCulture),
            },
        };
}
