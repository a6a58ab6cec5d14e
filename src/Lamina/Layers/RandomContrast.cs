using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training changes the contrast of each image: (x − mean) · factor + mean, with the mean of each channel over the image. In inference it is the identity. The shape does not change. Like Keras's RandomContrast.</summary>
/// <param name="factor">The change of contrast: 0.2 for factors from 0.8 to 1.2; (a, b), each from 0 to 1, for factors from 1 − a to 1 + b.</param>
/// <param name="valueRange">The range of values, to which the result is clipped; <see langword="null"/> for 0 to 255.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_contrast</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class RandomContrast(
    FactorRange factor,
    (double Low, double High)? valueRange = null,
    int? seed = null,
    string? name = null
) : Layer(name), IFromConfig<RandomContrast>
{
    /// <summary>The change of contrast: 0.2 for factors from 0.8 to 1.2; (a, b), each from 0 to 1, for factors from 1 − a to 1 + b.</summary>
    public FactorRange Factor { get; } = FactorRange.Require(factor, 0, 1, nameof(RandomContrast), nameof(factor));

    /// <summary>The range of values, to which the result is clipped.</summary>
    public (double Low, double High) ValueRange { get; } =
        RandomTransform.RequireRange(valueRange ?? (0, 255), nameof(RandomContrast));

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        x.Shape.RequireImages("contrast");
        Symbol factor = Ops.RandomUniform(x, Shape.Of(1, 1, 1), 1 - Math.Abs(Factor.Low), 1 + Factor.High, Seed);
        Symbol mean = Ops.Mean(x, [1, 2], keepDims: true);
        return Ops.InTraining(Ops.Clip(((x - mean) * factor) + mean, ValueRange.Low, ValueRange.High), x);
    }

    /// <inheritdoc/>
    public static RandomContrast FromConfig(LayerConfigReader config) =>
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
    /// <inheritdoc cref="Lamina.RandomContrast"/>
    public static Call<RandomContrast> RandomContrast(
        FactorRange factor,
        (double Low, double High)? valueRange = null,
        int? seed = null,
        string? name = null
    ) => new RandomContrast(factor, valueRange, seed, name).Apply;
}
