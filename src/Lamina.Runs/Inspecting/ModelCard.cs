using System.Text.Json;
using System.Text.Json.Nodes;
using Lamina.Runs.Folder;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>
/// The facts about a trained classifier for its users: data, accuracy, license. It names no files of this machine.
/// </summary>
public sealed record ModelCard
{
    /// <summary>The name of the file beside a run's model that states <see cref="License"/> and <see cref="Description"/>.</summary>
    public const string FileName = "card.json";

    private const int MostText = 2000;
    private const long MostBytes = 64 << 20;

    /// <summary>The description by the author of the network; <see langword="null"/> if there is none.</summary>
    public string? Description { get; init; }

    /// <summary>The license of the network; <see langword="null"/> if it is not stated.</summary>
    public string? License { get; init; }

    /// <summary>The license of the pretrained weights that training started from; <see langword="null"/> if there are none.</summary>
    public string? StartLicense { get; init; }

    /// <summary>The name of the training data; <see langword="null"/> if it is unknown.</summary>
    public string? Data { get; init; }

    /// <summary>The number of training images; <see langword="null"/> if it is unknown.</summary>
    public int? TrainImages { get; init; }

    /// <summary>The number of test images; <see langword="null"/> if the network was not tested.</summary>
    public int? TestImages { get; init; }

    /// <summary>The fraction of test images whose class is the most probable one; <see langword="null"/> if unknown.</summary>
    public double? Top1 { get; init; }

    /// <summary>The fraction of test images whose class is among the five most probable; <see langword="null"/> if unknown.</summary>
    public double? Top5 { get; init; }

    /// <summary>The time at which training began, in ISO 8601; <see langword="null"/> if it is unknown.</summary>
    public string? Created { get; init; }

    /// <summary>The number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>The name of the model, such as that of a zoo model.</summary>
    public required string Model { get; init; }

    /// <summary>The number format of the weights: float32 or int8.</summary>
    public required string Precision { get; init; }

    /// <summary>Collects the facts about a classifier; those that are missing or damaged are left out.</summary>
    public static ModelCard Of(RunClassifier classifier)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        JsonObject record = Read(classifier.Path, RunFolder.RecordName);
        JsonObject own = Read(classifier.Path, FileName);
        JsonNode? result = record["result"];
        JsonNode? recipe = record["settings"]?["recipe"];
        return new ModelCard
        {
            Description = Text(own["description"]),
            License = Text(own["license"]),
            StartLicense = Text(record["settings"]?["transfer"]?["license"]),
            Data = NameOf(classifier.Info.Data),
            TrainImages = (int?)Number(record["data"]?["train"]?["images"]),
            TestImages = (int?)Number(result?["images"]),
            Top1 = Number(result?["top1"]),
            Top5 = Number(result?["top5"]),
            Created = Text(record["created"]),
            Parameters = classifier.Model.CountParams(),
            Model = Text(recipe?["model"]) ?? classifier.Model.Name,
            Precision = classifier.IsQuantized ? "int8" : "float32",
        };
    }

    // Where the data lies is no one else's business.
    private static string? NameOf(DataOrigin? data) =>
        data switch
        {
            null => null,
            { Format: DataFormat.Shipped } => data.ToString(),
            _ => Folders(data.Path),
        };

    // 'train' alone says nothing.
    private static string Folders(string path)
    {
        string[] parts = path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
        return parts is [.., var above, "train" or "training"] ? $"{above}/{parts[^1]}" : parts.LastOrDefault() ?? "";
    }

    private static JsonObject Read(string folder, string name)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        try
        {
            return
                file.Exists
                && file.Length <= MostBytes
                && JsonNode.Parse(
                    File.ReadAllText(file.FullName),
                    documentOptions: new() { AllowDuplicateProperties = false }
                )
                    is JsonObject json
                ? json
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) && text.Length is > 0 and <= MostText
            ? OneLine.Of(text)
            : null;

    private static double? Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out double number) && double.IsFinite(number) ? number : null;
}
