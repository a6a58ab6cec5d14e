using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training multiplies by normally distributed noise around 1, with standard deviation √(rate / (1 − rate)) (Srivastava et al. 2014). In inference it is the identity. The shape does not change. Like Keras's GaussianDropout.</summary>
/// <param name="rate">The probability, in [0, 1).</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>gaussian_dropout</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class GaussianDropout(double rate, int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<GaussianDropout>
{
    /// <summary>The probability, in [0, 1).</summary>
    public double Rate { get; } =
        rate is >= 0 and < 1
            ? rate
            : throw Argument.OutOfRange(nameof(GaussianDropout), nameof(rate), rate, "from 0 to below 1");

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        double deviation = Math.Sqrt(Rate / (1 - Rate));
        return Rate == 0 ? x : Ops.InTraining(x * Ops.RandomNormal(x, x.Shape.Sample, 1, deviation, Seed), x);
    }

    /// <inheritdoc/>
    public static GaussianDropout FromConfig(LayerConfigReader config) =>
        new(config.Double("rate"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = Rate;
        config["seed"] = Seed;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.GaussianDropout"/>
    public static Call<GaussianDropout> GaussianDropout(double rate, int? seed = null, string? name = null) =>
        new GaussianDropout(rate, seed, name).Apply;
}
