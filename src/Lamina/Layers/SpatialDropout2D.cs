using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training zeroes whole channels of images with probability <paramref name="rate"/> and divides the others by 1 − rate. In inference it is the identity. The shape does not change. Like Keras's SpatialDropout2D.</summary>
/// <param name="rate">The probability, in [0, 1).</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>spatial_dropout2_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class SpatialDropout2D(double rate, int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<SpatialDropout2D>
{
    /// <summary>The probability, in [0, 1).</summary>
    public double Rate { get; } =
        rate is >= 0 and < 1
            ? rate
            : throw Argument.OutOfRange(nameof(SpatialDropout2D), nameof(rate), rate, "from 0 to below 1");

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        int channels = x.Shape.RequireImages("spatial dropout")[3]!.Value;
        Symbol kept = Ops.GreaterEqual(Ops.RandomUniform(x, Shape.Of(1, 1, channels), 0, 1, Seed), Rate);
        return Rate == 0 ? x : Ops.InTraining(x * kept * (1 / (1 - Rate)), x);
    }

    /// <inheritdoc/>
    public static SpatialDropout2D FromConfig(LayerConfigReader config) =>
        new(config.Double("rate"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = Rate;
        config["seed"] = Seed;
        config["data_format"] = "channels_last";
        return config.WithNulls("noise_shape");
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.SpatialDropout2D"/>
    public static Call<SpatialDropout2D> SpatialDropout2D(double rate, int? seed = null, string? name = null) =>
        new SpatialDropout2D(rate, seed, name).Apply;
}
