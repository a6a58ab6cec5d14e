using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that multiplies negative values by a slope. The shape does not change. Like Keras's LeakyReLU.
/// </summary>
/// <param name="negativeSlope">The slope below 0, at least 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>leaky_re_lu</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">The slope is negative or not finite.</exception>
public sealed class LeakyReLU(double negativeSlope = 0.3, string? name = null) : Layer(name), IFromConfig<LeakyReLU>
{
    /// <summary>The slope below 0.</summary>
    public double NegativeSlope { get; } =
        negativeSlope >= 0 && double.IsFinite(negativeSlope)
            ? negativeSlope
            : throw Argument.OutOfRange(
                nameof(LeakyReLU),
                nameof(negativeSlope),
                negativeSlope,
                "finite and at least 0"
            );

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        NegativeSlope > 0 ? Ops.Activate(inputs[0], ActivationKind.LeakyRelu, NegativeSlope) : Ops.Relu(inputs[0]);

    /// <inheritdoc/>
    public static LeakyReLU FromConfig(LayerConfigReader config) =>
        new(config.Double("negative_slope", 0.3), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["negative_slope"] = NegativeSlope;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.LeakyReLU"/>
    public static Call<LeakyReLU> LeakyReLU(double negativeSlope = 0.3, string? name = null) =>
        new LeakyReLU(negativeSlope, name).Apply;
}
