using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Where a number that is subtracted from, or divides, pixels comes from.</summary>
public enum RecipeStatistic
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The recipe gives one for each channel, after scaling.</summary>
    Given,

    /// <summary>One for each channel, from the training set.</summary>
    PerChannel,

    /// <summary>One for each pixel and channel, from the training set; a mean only.</summary>
    PerPixel,
}

/// <summary>How a recipe makes inputs of images.</summary>
public sealed record RecipePreprocessing
{
    /// <summary>
    /// The short side, in pixels at the recipe's own input size, before the input is cut out; <see langword="null"/> for
    /// as short as covers the input.
    /// </summary>
    public int? ShortSide { get; init; }

    /// <summary>What bytes are multiplied with first: 1/255 for 0 to 1, 1 for 0 to 255.</summary>
    public double Scale { get; init; } = 1 / 255.0;

    /// <summary>Where the mean comes from.</summary>
    public RecipeStatistic Mean { get; init; }

    /// <summary>The means of the channels, with <see cref="RecipeStatistic.Given"/>.</summary>
    public IReadOnlyList<double> Means { get; init; } = [];

    /// <summary>Where the standard deviation comes from.</summary>
    public RecipeStatistic Std { get; init; }

    /// <summary>The deviations of the channels, with <see cref="RecipeStatistic.Given"/>.</summary>
    public IReadOnlyList<double> Stds { get; init; } = [];

    internal static RecipePreprocessing Read(JsonObject json, string file, int input)
    {
        var reader = new RecipeReader(json, file, "preprocessing");
        int? shortSide = reader.Has("short_side") ? reader.Whole("short_side", input, 16384) : null;
        string scale = reader.Choice("range", "0-1", "0-1", "0-255");
        (string? meanWord, IReadOnlyList<double>? means) = reader.WordOrNumbers("mean", "per_channel", "per_pixel");
        (string? stdWord, IReadOnlyList<double>? stds) = reader.WordOrNumbers("std", "per_channel");
        if (stds?.Any(s => s <= 0) == true)
        {
            throw new ConfigException($"{file}: 'preprocessing.std' must be above 0: pixels are divided by it.");
        }
        reader.Finish();
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
