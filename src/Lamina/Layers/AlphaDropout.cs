using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training sets values to the saturation of SELU with probability <paramref name="rate"/>, then scales and shifts so that mean and variance stay (Klambauer et al. 2017). In inference it is the identity. The shape does not change. Like Keras's AlphaDropout.</summary>
/// <param name="rate">The probability, in [0, 1).</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>alpha_dropout</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class AlphaDropout(double rate, int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<AlphaDropout>
{
    // −alpha · scale of SELU.
    private const double Saturation = -1.6732632423543772 * 1.0507009873554805;

    /// <summary>The probability, in [0, 1).</summary>
    public double Rate { get; } =
        rate is >= 0 and < 1
            ? rate
            : throw Argument.OutOfRange(nameof(AlphaDropout), nameof(rate), rate, "from 0 to below 1");

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        if (Rate == 0)
        {
            return x;
        }
        Symbol kept = Ops.GreaterEqual(Ops.RandomUniform(x, x.Shape.Sample, 0, 1, Seed), Rate);
        double factor = 1 / Math.Sqrt((1 - Rate) * (1 + (Rate * Saturation * Saturation)));
        Symbol dropped = (x * kept) + (Saturation * (1 - kept));
        return Ops.InTraining((dropped * factor) - (factor * Saturation * Rate), x);
    }

    /// <inheritdoc/>
    public static AlphaDropout FromConfig(LayerConfigReader config) =>
        new(config.Double("rate"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = Rate;
        config["seed"] = Seed;
        return config.WithNulls("noise_shape");
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.AlphaDropout"/>
    public static Call<AlphaDropout> AlphaDropout(double rate, int? seed = null, string? name = null) =>
        new AlphaDropout(rate, seed, name).Apply;
}
