using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs.Training;

/// <summary>The starting weights of a training, and the layers that are frozen.</summary>
/// <param name="Weights">The file or folder with the weights, its full path.</param>
/// <param name="Sha256">The checksum of the file, or of a saved model's manifest.</param>
/// <param name="Model">The model of the zoo that the weights are loaded into; null for the file's own.</param>
/// <param name="ModelName">The name for the file's own model.</param>
/// <param name="Freeze">Names of layers to freeze, as <c>FindLayers</c> takes them.</param>
/// <param name="Thaw"><see langword="true"/> to train layers that are frozen in the file.</param>
/// <param name="UnfreezeAfter">The epochs after which frozen layers are trained too; null for never.</param>
/// <param name="UnfreezeRate">The learning rate from then on.</param>
/// <param name="Preprocessing">The preprocessing that the file describes; <see langword="null"/> if it describes none.</param>
internal sealed record TransferSettings(
    string Weights,
    string Sha256,
    string? Model,
    string ModelName,
    IReadOnlyList<string> Freeze,
    bool Thaw,
    int? UnfreezeAfter,
    double? UnfreezeRate,
    Preprocessing? Preprocessing
)
{
    private const string Manifest = "model.json";
    private const string LastName = "last";
    private const string StagesName = "stages";

    /// <summary>The loaded weights, if they are already loaded.</summary>
    public SourceModel? Loaded { get; init; }

    /// <summary>The name of the pretrained network that the weights are, which gets a new head; null if it is no known one.</summary>
    public string? Pretrained { get; init; }

    /// <summary>The license of <see cref="Pretrained"/>.</summary>
    public string? License { get; init; }

    /// <summary>The name that the user gave of <see cref="Preprocessing"/>; null if none, or of a run that is resumed.</summary>
    public string? PreprocessingName { get; init; }

    /// <summary><see langword="true"/> to train frozen layers, too, stage by stage from the top, after the head.</summary>
    public bool FineTune { get; init; }

    /// <summary>The features that a new head on a frozen trunk has.</summary>
    public TrunkFeatures Features { get; init; }

    /// <summary><see langword="true"/> if neither the file nor the user sets the preprocessing, so that it must be guessed.</summary>
    public bool NeedsPreprocessing => Preprocessing is null && Model is null && Loaded?.Model.Inputs[0].Shape[3] == 3;

    public JsonObject ToJson() =>
        new()
        {
            ["weights"] = Weights,
            ["sha256"] = Sha256,
            ["model"] = Model,
            ["pretrained"] = Pretrained,
            ["license"] = License,
            ["model_name"] = ModelName,
            ["freeze"] = new JsonArray([.. Freeze.Select(f => JsonValue.Create(f))]),
            ["thaw"] = Thaw,
            ["unfreeze_after"] = UnfreezeAfter,
            ["unfreeze_rate"] = UnfreezeRate,
            ["fine_tune"] = FineTune,
            ["features"] = Features == TrunkFeatures.Stages ? StagesName : LastName,
            ["preprocessing"] = Preprocessing is null ? null : JsonNode.Parse(Preprocessing.ToJson()),
        };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="ConfigException">A value is missing or of a wrong kind.</exception>
    public static TransferSettings FromJson(JsonObject json) =>
        new(
            json.Text("weights"),
            json.Text("sha256"),
            json.OptionalText("model"),
            json.Text("model_name"),
            json.Texts("freeze"),
            json.Flag("thaw"),
            json.OptionalWhole("unfreeze_after"),
            json.OptionalReal("unfreeze_rate"),
            json.OptionalObject("preprocessing") is { } preprocessing
                ? Lamina.Preprocessing.FromJson(preprocessing.ToJsonString())
                : null
        )
        {
            Pretrained = json.OptionalText("pretrained"),
            License = json.OptionalText("license"),
            // Runs of before there was a choice do not have it.
            FineTune = json["fine_tune"] is not null && json.Flag("fine_tune"),
            Features = json.OptionalText("features") switch
            {
                null or LastName => TrunkFeatures.Last,
                StagesName => TrunkFeatures.Stages,
                var other => throw new ConfigException(
                    $"'features' is '{OneLine.Of(other)}'; it must be {StagesName} or {LastName}."
                ),
            },
        };

    /// <summary>The checksum of a file, or of the manifest of a saved model or run, which has those of its parts.</summary>
    public static string ChecksumOf(string path)
    {
        try
        {
            string file = Directory.Exists(path) ? Path.Combine(RunFolder.ModelPathOf(path), Manifest) : path;
            using FileStream stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }

    /// <summary>Checks that the file is what the run began from.</summary>
    /// <exception cref="LaminaException">It is not, or it is not there.</exception>
    public void RequireSame()
    {
        if (!Path.Exists(Weights))
        {
            throw new LaminaException(
                $"{Weights}: the run began with these weights and has no checkpoint yet. Put them back, or begin a new run."
            );
        }
        if (ChecksumOf(Weights) != Sha256)
        {
            throw new LaminaException(
                $"{Weights}: the weights have changed since the run began. Put them back, or begin a new run."
            );
        }
    }
}
