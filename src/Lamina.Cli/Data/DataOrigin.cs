using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>Where data comes from.</summary>
internal enum DataFormat
{
    /// <summary>The Fashion-MNIST subset that comes with the program.</summary>
    Shipped,

    /// <summary>A folder of class folders of images.</summary>
    Folder,

    /// <summary>A folder of IDX files.</summary>
    Idx,
}

/// <summary>What a run was trained and tested on: enough to find the same test images again.</summary>
/// <param name="Format">The format.</param>
/// <param name="Path">The training data's folder; empty for the shipped data.</param>
/// <param name="Validation">The test data's folder, if it has its own.</param>
/// <param name="Share">The share of each class that was split off for testing, if it was.</param>
/// <param name="Seed">What the split depends on.</param>
internal sealed record DataOrigin(DataFormat Format, string Path, string? Validation, double? Share, long Seed)
{
    public JsonObject ToJson() =>
        new()
        {
            ["format"] = Format.ToString(),
            ["path"] = Path,
            ["validation"] = Validation,
            ["share"] = Share,
            ["seed"] = Seed,
        };

    /// <summary>Reads what <see cref="ToJson"/> wrote; exceptions are those of JsonNode.</summary>
    public static DataOrigin FromJson(JsonNode json) =>
        new(
            Enum.Parse<DataFormat>(json["format"]!.GetValue<string>()),
            json["path"]!.GetValue<string>(),
            json["validation"]?.GetValue<string>(),
            json["share"]?.GetValue<double>(),
            json["seed"]!.GetValue<long>()
        );

    /// <summary>The data in words.</summary>
    public override string ToString() =>
        (Format, Validation) switch
        {
            (DataFormat.Shipped, _) => "Fashion-MNIST (5,000 images of 10 classes, shipped)",
            (_, { } validation) => $"{Path}, tested on {validation}",
            _ => Path,
        };
}
