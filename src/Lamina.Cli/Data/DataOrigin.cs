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
/// <param name="Validation">The folder of the images for validation and for the test, if they have their own.</param>
/// <param name="Share">The share of each class that was split off for testing, if it was.</param>
/// <param name="Seed">What the split depends on.</param>
internal sealed record DataOrigin(DataFormat Format, string Path, string? Validation, double? Share, long Seed)
{
    /// <summary>The folder of the images for the test alone; <see langword="null"/> if validation serves as the test.</summary>
    public string? Test { get; init; }

    public JsonObject ToJson() =>
        new()
        {
            ["format"] = Format.ToString(),
            ["path"] = Path,
            ["validation"] = Validation,
            ["test_folder"] = Test,
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
        )
        {
            Test = json["test_folder"]?.GetValue<string>(),
        };

    /// <summary>The data in words.</summary>
    public override string ToString() =>
        (Format, Validation, Test) switch
        {
            (DataFormat.Shipped, _, _) => "Fashion-MNIST (5,000 images of 10 classes, shipped)",
            (_, { } validation, { } test) => $"{Path}, validated on {validation}, tested on {test}",
            (_, { } validation, _) => $"{Path}, tested on {validation}",
            _ => Path,
        };
}
