using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that in training zeroes each value with probability <paramref name="rate"/> and divides the others by 1 −
/// rate. In inference it is the identity (paper, section 4.2, with inverted scaling). The shape does not change. Like
/// Keras's Dropout.
/// </summary>
/// <param name="rate">The probability, in [0, 1).</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>dropout</c>.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="rate"/> is out of range.</exception>
public sealed class Dropout(double rate, int? seed = null, string? name = null) : Layer(name), IFromConfig<Dropout>
{
    /// <summary>The probability that a value is zeroed.</summary>
    public double Rate { get; } =
        rate is >= 0 and < 1
            ? rate
            : throw Argument.OutOfRange(nameof(Dropout), nameof(rate), rate, "from 0 to below 1");

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Dropout(inputs[0], Rate, Seed);

    /// <inheritdoc/>
    public static Dropout FromConfig(LayerConfigReader config) =>
        new(config.Double("rate"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = Rate;
        config["noise_shape"] = null;
        config["seed"] = Seed;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Dropout"/>
    public static Call<Dropout> Dropout(double rate, int? seed = null, string? name = null) =>
        new Dropout(rate, seed, name).Apply;
}
