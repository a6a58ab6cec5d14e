using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training shifts each image by a random share of its size. In inference it is the identity. The shape does not change. Like Keras's RandomTranslation.</summary>
/// <param name="heightFactor">The shift as a share of the height, downwards: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</param>
/// <param name="widthFactor">The shift as a share of the width, to the right: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</param>
/// <param name="fillMode">The values beyond the borders: <c>"reflect"</c>, <c>"constant"</c>, <c>"nearest"</c> or <c>"wrap"</c>.</param>
/// <param name="interpolation">The interpolation: <c>"bilinear"</c> or <c>"nearest"</c>.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="fillValue">The value beyond the borders for <c>"constant"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_translation</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">A mode is unknown.</exception>
public sealed class RandomTranslation(
    FactorRange heightFactor,
    FactorRange widthFactor,
    string fillMode = "reflect",
    string interpolation = "bilinear",
    int? seed = null,
    double fillValue = 0,
    string? name = null
) : Layer(name), IFromConfig<RandomTranslation>
{
    /// <summary>The shift as a share of the height, downwards: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</summary>
    public FactorRange HeightFactor { get; } =
        FactorRange.Require(heightFactor, -1, 1, nameof(RandomTranslation), nameof(heightFactor));

    /// <summary>The shift as a share of the width, to the right: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</summary>
    public FactorRange WidthFactor { get; } =
        FactorRange.Require(widthFactor, -1, 1, nameof(RandomTranslation), nameof(widthFactor));

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
        Shape shape = x.Shape.RequireImages("a translation");
        Symbol down = RandomTransform.Draw(x, HeightFactor, Seed) * (double)shape[1]!.Value;
        Symbol right = RandomTransform.Draw(x, WidthFactor, Seed) * (double)shape[2]!.Value;
        Symbol points = RandomTransform.Grid(shape) - Ops.Concat([down, right], 3);
        return RandomTransform.Apply(x, points, FillMode, Interpolation, FillValue);
    }

    /// <inheritdoc/>
    public static RandomTranslation FromConfig(LayerConfigReader config) =>
        new(
            config.Factor("height_factor"),
            config.Factor("width_factor"),
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
        config["width_factor"] = WidthFactor.ToJson();
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
    /// <inheritdoc cref="Lamina.RandomTranslation"/>
    public static Call<RandomTranslation> RandomTranslation(
        FactorRange heightFactor,
        FactorRange widthFactor,
        string fillMode = "reflect",
        string interpolation = "bilinear",
        int? seed = null,
        double fillValue = 0,
        string? name = null
    ) => new RandomTranslation(heightFactor, widthFactor, fillMode, interpolation, seed, fillValue, name).Apply;
}
