using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The source of a mean or standard deviation of pixels.</summary>
public enum RecipeStatistic
{
    /// <summary>None.</summary>
    None,

    /// <summary>The recipe contains one per channel, after scaling.</summary>
    Given,

    /// <summary>One per channel, computed from the training set.</summary>
    PerChannel,

    /// <summary>One per pixel and channel, computed from the training set; means only.</summary>
    PerPixel,
}

/// <summary>The preprocessing of a recipe.</summary>
public sealed record RecipePreprocessing
{
    /// <summary>
    /// The short side before cropping, in pixels at the recipe's input size. Default: <see langword="null"/>, the shortest
    /// that covers the input.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>The factor for bytes, applied first: 1/255 for 0 to 1, 1 for 0 to 255. Default: 1/255.</summary>
    public double Scale { get; init; } = 1 / 255.0;

    /// <summary>The source of the mean.</summary>
    public RecipeStatistic Mean { get; init; }

    /// <summary>The means of the channels, for <see cref="RecipeStatistic.Given"/>.</summary>
    public IReadOnlyList<double> Means { get; init; } = [];

    /// <summary>The source of the standard deviation.</summary>
    public RecipeStatistic Std { get; init; }

    /// <summary>The standard deviations of the channels, for <see cref="RecipeStatistic.Given"/>.</summary>
    public IReadOnlyList<double> Stds { get; init; } = [];

    internal static RecipePreprocessing Read(JsonObject json, string file, int input)
    {
        var reader = new ConfigReader(json, file, "preprocessing");
        int? shortSide = reader.Has("short_side") ? reader.Int32("short_side", null, input, 16384) : null;
        string scale = reader.Choice("range", "0-1", "0-1", "0-255");
        (string? meanWord, double[]? means) = reader.WordOrChannels("mean", "per_channel", "per_pixel");
        (string? stdWord, double[]? stds) = reader.WordOrChannels("std", "per_channel");
        if (stds?.Any(s => s <= 0) == true)
        {
            throw new ConfigException($"{file}: 'preprocessing.std' must be above 0.");
        }
        reader.Done();
        return new RecipePreprocessing
        {
            ShortSide = shortSide,
            Scale = scale == "0-1" ? 1 / 255.0 : 1,
            Mean = Of(meanWord, means),
            Means = means ?? [],
            Std = Of(stdWord, stds),
            Stds = stds ?? [],
        };
    }

    internal JsonObject ToJson()
    {
        var json = new JsonObject();
        if (ShortSide is { } side)
        {
            json["short_side"] = side;
        }
        json["range"] = Scale == 1 ? "0-255" : "0-1";
        Write("mean", Mean, Means);
        Write("std", Std, Stds);
        return json;

        void Write(string key, RecipeStatistic statistic, IReadOnlyList<double> numbers)
        {
            json[key] = statistic switch
            {
                RecipeStatistic.Given => new JsonArray([.. numbers.Select(n => JsonValue.Create(n))]),
                RecipeStatistic.PerChannel => "per_channel",
                RecipeStatistic.PerPixel => "per_pixel",
                _ => null,
            };
            if (json[key] is null)
            {
                json.Remove(key);
            }
        }
    }

    private static RecipeStatistic Of(string? word, IReadOnlyList<double>? numbers) =>
        word switch
        {
            "per_channel" => RecipeStatistic.PerChannel,
            "per_pixel" => RecipeStatistic.PerPixel,
            _ => numbers is null ? RecipeStatistic.None : RecipeStatistic.Given,
        };
}
