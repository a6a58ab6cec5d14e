using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The origin of a run's images, which identifies the test images.</summary>
/// <param name="Format">The format.</param>
/// <param name="Path">The folder of the training data; empty for the shipped data.</param>
/// <param name="Validation">The folder of the validation and test images, if it is separate.</param>
/// <param name="Share">The fraction of each class held out for testing, if any.</param>
/// <param name="Seed">The seed of the split.</param>
public sealed record DataOrigin(DataFormat Format, string Path, string? Validation, double? Share, long Seed)
{
    /// <summary>The folder of the test images; <see langword="null"/> if the validation images are used.</summary>
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

    /// <summary>Reads the output of <see cref="ToJson"/>.</summary>
    /// <exception cref="ConfigException">A value is missing or has the wrong type.</exception>
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

    /// <summary>Returns a description of the data.</summary>
    public override string ToString() =>
        (Format, Validation, Test) switch
        {
            (DataFormat.Shipped, _, _) => "Fashion-MNIST (5,000 images of 10 classes, shipped)",
            (_, { } validation, { } test) => $"{Path}, validated on {validation}, tested on {test}",
            (_, { } validation, _) => $"{Path}, tested on {validation}",
            _ => Path,
        };
}
