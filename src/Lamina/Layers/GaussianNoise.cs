using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training adds normally distributed noise. In inference it is the identity. The shape does not change. Like Keras's GaussianNoise.</summary>
/// <param name="stddev">The standard deviation of the noise, at least 0.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>gaussian_noise</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class GaussianNoise(double stddev, int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<GaussianNoise>
{
    /// <summary>The standard deviation of the noise.</summary>
    public double Stddev { get; } =
        stddev >= 0 && double.IsFinite(stddev)
            ? stddev
            : throw Argument.OutOfRange(nameof(GaussianNoise), nameof(stddev), stddev, "finite and at least 0");

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Stddev == 0
            ? inputs[0]
            : Ops.InTraining(
                inputs[0] + Ops.RandomNormal(inputs[0], inputs[0].Shape.Sample, 0, Stddev, Seed),
                inputs[0]
            );

    /// <inheritdoc/>
    public static GaussianNoise FromConfig(LayerConfigReader config) =>
        new(config.Double("stddev"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["stddev"] = Stddev;
        config["seed"] = Seed;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.GaussianNoise"/>
    public static Call<GaussianNoise> GaussianNoise(double stddev, int? seed = null, string? name = null) =>
        new GaussianNoise(stddev, seed, name).Apply;
}
