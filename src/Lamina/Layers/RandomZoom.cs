using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training zooms each image around its center: positive factors show more than the image, negative ones less. In inference it is the identity. The shape does not change. Like Keras's RandomZoom.</summary>
/// <param name="heightFactor">The zoom of the height: 0.2 for −0.2 to 0.2, or a range above −1 up to 1.</param>
/// <param name="widthFactor">The zoom of the width; <see langword="null"/> for that of the height, which keeps the aspect ratio.</param>
/// <param name="fillMode">The values beyond the borders: <c>"reflect"</c>, <c>"constant"</c>, <c>"nearest"</c> or <c>"wrap"</c>.</param>
/// <param name="interpolation">The interpolation: <c>"bilinear"</c> or <c>"nearest"</c>.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="fillValue">The value beyond the borders for <c>"constant"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_zoom</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">A mode is unknown.</exception>
public sealed class RandomZoom(
    FactorRange heightFactor,
    FactorRange? widthFactor = null,
    string fillMode = "reflect",
    string interpolation = "bilinear",
    int? seed = null,
    double fillValue = 0,
    string? name = null
) : Layer(name), IFromConfig<RandomZoom>
{
    /// <summary>The zoom of the height: 0.2 for −0.2 to 0.2, or a range above −1 up to 1.</summary>
    public FactorRange HeightFactor { get; } =
        FactorRange.Require(heightFactor, -1, 1, nameof(RandomZoom), nameof(heightFactor));

    /// <summary>The zoom of the width; <see langword="null"/> for that of the height, which keeps the aspect ratio.</summary>
    public FactorRange? WidthFactor { get; } =
        widthFactor is { } range ? FactorRange.Require(range, -1, 1, nameof(RandomZoom), nameof(widthFactor)) : null;

    /// <summary>The values beyond the borders: <c>"reflect"</c>, <c>"constant"</c>, <c>"nearest"</c> or <c>"wrap"</c>.</summary>
    public string FillMode { get; } = RandomTransform.RequireFill(fillMode);

    /// <summary>The interpolation: <c>"bilinear"</c> or <c>"nearest"</c>.</summary>
    public string Interpolation { get; } = RandomTransform.RequireInterpolation(interpolation);

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <summary>The value beyond the borders for <c>"constant"</c>.</summary>
    public double FillValue { get; } = fillValue;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        Shape shape = x.Shape.RequireImages("a zoom");
        Symbol height = RandomTransform.Draw(x, HeightFactor, Seed) + 1;
        Symbol width = WidthFactor is { } factor ? RandomTransform.Draw(x, factor, Seed) + 1 : height;
        Symbol center = RandomTransform.Center(shape);
        Symbol points = ((RandomTransform.Grid(shape) - center) * Ops.Concat([height, width], 3)) + center;
        return RandomTransform.Apply(x, points, FillMode, Interpolation, FillValue);
    }

    /// <inheritdoc/>
    public static RandomZoom FromConfig(LayerConfigReader config) =>
        new(
            config.Factor("height_factor"),
            config.Has("width_factor") ? config.Factor("width_factor") : null,
            config.String("fill_mode", "reflect"),
            config.String("interpolation", "bilinear"),
            config.OptionalInt("seed"),
            config.Double("fill_value", 0),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height_factor"] = HeightFactor.ToJson();
        config["width_factor"] = WidthFactor?.ToJson();
        config["fill_mode"] = FillMode;
        config["interpolation"] = Interpolation;
        config["seed"] = Seed;
        config["fill_value"] = FillValue;
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RandomZoom"/>
    public static Call<RandomZoom> RandomZoom(
        FactorRange heightFactor,
        FactorRange? widthFactor = null,
        string fillMode = "reflect",
        string interpolation = "bilinear",
        int? seed = null,
        double fillValue = 0,
        string? name = null
    ) => new RandomZoom(heightFactor, widthFactor, fillMode, interpolation, seed, fillValue, name).Apply;
}
