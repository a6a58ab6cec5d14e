using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training adds a number to all values of each image. In inference it is the identity. The shape does not change. Like Keras's RandomBrightness.</summary>
/// <param name="factor">The number as a share of the value range: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</param>
/// <param name="valueRange">The range of values, to which the result is clipped; <see langword="null"/> for 0 to 255.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_brightness</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class RandomBrightness(
    FactorRange factor,
    (double Low, double High)? valueRange = null,
    int? seed = null,
    string? name = null
) : Layer(name), IFromConfig<RandomBrightness>
{
    /// <summary>The number as a share of the value range: 0.2 for −0.2 to 0.2, or a range within −1 to 1.</summary>
    public FactorRange Factor { get; } = FactorRange.Require(factor, -1, 1, nameof(RandomBrightness), nameof(factor));

    /// <summary>The range of values, to which the result is clipped.</summary>
    public (double Low, double High) ValueRange { get; } =
        RandomTransform.RequireRange(valueRange ?? (0, 255), nameof(RandomBrightness));

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        x.Shape.RequireImages("brightness");
        double range = ValueRange.High - ValueRange.Low;
        Symbol added = RandomTransform.Draw(x, Factor, Seed) * range;
        return Ops.InTraining(Ops.Clip(x + added, ValueRange.Low, ValueRange.High), x);
    }

    /// <inheritdoc/>
    public static RandomBrightness FromConfig(LayerConfigReader config) =>
        new(config.Factor("factor"), config.Range("value_range"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson();
        config["value_range"] = new JsonArray(ValueRange.Low, ValueRange.High);
        config["seed"] = Seed;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RandomBrightness"/>
    public static Call<RandomBrightness> RandomBrightness(
        FactorRange factor,
        (double Low, double High)? valueRange = null,
        int? seed = null,
        string? name = null
    ) => new RandomBrightness(factor, valueRange, seed, name).Apply;
}
