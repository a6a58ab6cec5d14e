using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs.Results;

/// <summary>Formats baselines as text, and as JSON for run.json.</summary>
internal static class BaselineText
{
    /// <summary>Returns the line about the baselines before a training.</summary>
    public static string Line(Baselines baselines) =>
        $"baselines: always '{OneLine.Of(baselines.MajorityClass)}' {Words.Percent(baselines.MajorityAccuracy)}, "
        + $"nearest neighbor {Accuracy(baselines)} ({Description(baselines)})";

    /// <summary>Returns the baselines for the results of a test.</summary>
    public static string Short(Baselines baselines) =>
        $"nearest neighbor {Accuracy(baselines)}, always '{OneLine.Of(baselines.MajorityClass)}' "
        + Words.Percent(baselines.MajorityAccuracy);

    /// <summary>Returns the accuracy of the nearest neighbor, if known.</summary>
    public static string Accuracy(Baselines baselines) =>
        baselines.NearestNeighborAccuracy is { } accuracy ? Words.Percent(accuracy) : "–";

    /// <summary>Returns how neighbors were found: the thumbnails, and the sample if there was one.</summary>
    public static string Description(Baselines baselines)
    {
        string colors = baselines.Channels == 1 ? "gray " : "";
        string sample = baselines.IsSampled
            ? $", sample of {baselines.Queries:N0} test and {baselines.References:N0} training images"
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"on {colors}{baselines.Size.Width}×{baselines.Size.Height} pixels{sample}"
        );
    }

    /// <summary>Returns a warning if a model is no better than the baselines; otherwise <see langword="null"/>.</summary>
    public static string? Warning(Baselines baselines, double accuracy)
    {
        string advice = "Train for more epochs, with another learning rate, or on more images.";
        string reached = $"the test accuracy of {Words.Percent(accuracy)} is ";
        if (accuracy <= baselines.MajorityAccuracy)
        {
            return $"{reached}not above that of always guessing '{OneLine.Of(baselines.MajorityClass)}' "
                + $"({Words.Percent(baselines.MajorityAccuracy)}): the model has learned nothing. {advice}";
        }
        return accuracy < baselines.NearestNeighborAccuracy
            ? $"{reached}below that of nearest neighbors on thumbnails ({Accuracy(baselines)}). {advice}"
            : null;
    }

    public static JsonObject ToJson(Baselines baselines) =>
        new()
        {
            ["majority_class"] = baselines.MajorityClass,
            ["majority_accuracy"] = baselines.MajorityAccuracy,
            ["nearest_neighbor_accuracy"] = baselines.NearestNeighborAccuracy,
            ["training_images"] = baselines.References,
            ["test_images"] = baselines.Queries,
            ["sampled"] = baselines.IsSampled,
            ["height"] = baselines.Size.Height,
            ["width"] = baselines.Size.Width,
            ["channels"] = baselines.Channels,
        };

    /// <summary>Reads the output of <see cref="ToJson"/>.</summary>
    /// <exception cref="ConfigException">A value is missing or has the wrong type.</exception>
    public static Baselines FromJson(JsonObject json) =>
        new()
        {
            MajorityClass = json.Text("majority_class"),
            MajorityAccuracy = json.Real("majority_accuracy"),
            NearestNeighborAccuracy = json.OptionalReal("nearest_neighbor_accuracy"),
            References = json.Whole("training_images"),
            Queries = json.Whole("test_images"),
            IsSampled = json.Flag("sampled"),
            Size = new Size2(json.Whole("height"), json.Whole("width")),
            Channels = json.Whole("channels"),
        };
}
