using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training turns each image around its center. In inference it is the identity. The shape does not change. Like Keras's RandomRotation.</summary>
/// <param name="factor">The angle in full turns, counterclockwise: 0.1 for −36° to 36°, or a range within −1 to 1.</param>
/// <param name="fillMode">The values beyond the borders: <c>"reflect"</c>, <c>"constant"</c>, <c>"nearest"</c> or <c>"wrap"</c>.</param>
/// <param name="interpolation">The interpolation: <c>"bilinear"</c> or <c>"nearest"</c>.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="fillValue">The value beyond the borders for <c>"constant"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_rotation</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">A mode is unknown.</exception>
public sealed class RandomRotationLayer(
    FactorRange factor,
    string fillMode = "reflect",
    string interpolation = "bilinear",
    int? seed = null,
    double fillValue = 0,
    string? name = null
) : Layer(name), IFromConfig<RandomRotationLayer>
{
    /// <inheritdoc/>
    public override string ClassName => "RandomRotation";

    /// <summary>The angle in full turns, counterclockwise: 0.1 for −36° to 36°, or a range within −1 to 1.</summary>
    public FactorRange Factor { get; } =
        FactorRange.Require(factor, -1, 1, nameof(RandomRotationLayer), nameof(factor));

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
        Shape shape = x.Shape.RequireImages("a rotation");
        Symbol angle = RandomTransform.Draw(x, Factor, Seed) * (2 * Math.PI);
        Symbol centered = RandomTransform.Grid(shape) - RandomTransform.Center(shape);
        Symbol rows = Ops.Slice(centered, 3, 0, 1);
        Symbol columns = Ops.Slice(centered, 3, 1, 1);
        (Symbol sine, Symbol cosine) = (Ops.Sin(angle), Ops.Cos(angle));
        Symbol turned = Ops.Concat([(columns * sine) + (rows * cosine), (columns * cosine) - (rows * sine)], 3);
        return RandomTransform.Apply(x, turned + RandomTransform.Center(shape), FillMode, Interpolation, FillValue);
    }

    /// <inheritdoc/>
    public static RandomRotationLayer FromConfig(LayerConfigReader config) =>
        new(
            config.Factor("factor"),
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
        config["factor"] = Factor.ToJson();
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
    /// <inheritdoc cref="Lamina.RandomRotationLayer"/>
    public static Call<RandomRotationLayer> RandomRotation(
        FactorRange factor,
        string fillMode = "reflect",
        string interpolation = "bilinear",
        int? seed = null,
        double fillValue = 0,
        string? name = null
    ) => new RandomRotationLayer(factor, fillMode, interpolation, seed, fillValue, name).Apply;
}
