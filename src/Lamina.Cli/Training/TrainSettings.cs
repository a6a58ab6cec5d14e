using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>What <c>alexnet train</c> was asked to do.</summary>
internal sealed record TrainSettings
{
    public const string StandardRecipe = "standard";
    public const double StandardShare = 0.2;

    /// <summary>The training data; null for what is shipped.</summary>
    public string? Folder { get; init; }
    public DataFormat? Format { get; init; }
    public string? Validation { get; init; }
    public double ValidationShare { get; init; } = StandardShare;

    /// <summary>The recipe, with what the options changed of it.</summary>
    public Recipe Recipe { get; init; } = Recipe.Get(StandardRecipe);
    public long Seed { get; init; }

    /// <summary>The run's folder; null for one named after model and time.</summary>
    public string? Output { get; init; }

    /// <summary>Whether an image that cannot be read ends the run.</summary>
    public bool Strict { get; init; }

    /// <summary>Threads of an op; null for libtorch's choice.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that decode images.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The command as it was given, quoted where a shell would need it.</summary>
    public string CommandText { get; init; } = "alexnet train";

    public string Model => Recipe.Model;
    public int Input => Recipe.Input;
    public int Epochs => Recipe.Epochs;

    /// <summary>Images computed at a time.</summary>
    public int Batch => Recipe.MicroBatch ?? Recipe.Batch;

    /// <summary>For the saved model: what is needed to repeat the run.</summary>
    public JsonObject ToJson() =>
        new()
        {
            ["command"] = "train",
            ["recipe"] = Recipe.ToJsonObject(),
            ["seed"] = Seed,
            ["strict"] = Strict,
            ["versions"] = new JsonObject
            {
                ["program"] = CommandLine.Version,
                ["dotnet"] = Environment.Version.ToString(),
                ["libtorch_abi"] = TorchLibrary.AbiVersion.ToString("x16", CultureInfo.InvariantCulture),
            },
        };
}
