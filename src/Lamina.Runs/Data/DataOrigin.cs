using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The origin of a run's images: enough to find the same test images again.</summary>
/// <param name="Format">The format.</param>
/// <param name="Path">The training data's folder; empty for the shipped data.</param>
/// <param name="Validation">The folder of the images for validation and for the test, if they have their own.</param>
/// <param name="Share">The share of each class that was split off for testing, if it was.</param>
/// <param name="Seed">What the split depends on.</param>
public sealed record DataOrigin(DataFormat Format, string Path, string? Validation, double? Share, long Seed)
{
    /// <summary>The folder of the images for the test alone; <see langword="null"/> if validation serves as the test.</summary>
    public string? Test { get; init; }

    internal JsonObject ToJson() =>
        new()
        {
            ["format"] = Format.ToString(),
            ["path"] = Path,
            ["validation"] = Validation,
            ["test_folder"] = Test,
            ["share"] = Share,
            ["seed"] = Seed,
        };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="ConfigException">A value is missing or of a wrong kind.</exception>
    internal static DataOrigin FromJson(JsonObject json) =>
        new(
            json.Choice<DataFormat>("format"),
            json.Text("path"),
            json.OptionalText("validation"),
            json.OptionalReal("share"),
            json.Long("seed")
        )
        {
            Test = json.OptionalText("test_folder"),
        };

    /// <summary>Returns the data in words.</summary>
    public override string ToString() =>
        (Format, Validation, Test) switch
        {
            (DataFormat.Shipped, _, _) => "Fashion-MNIST (5,000 images of 10 classes, shipped)",
            (_, { } validation, { } test) => $"{Path}, validated on {validation}, tested on {test}",
            (_, { } validation, _) => $"{Path}, tested on {validation}",
            _ => Path,
        };
}
