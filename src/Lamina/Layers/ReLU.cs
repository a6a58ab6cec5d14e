using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that computes max(x, 0), optionally capped at 6 or with a slope for negative values. The shape does not
/// change. Like Keras's ReLU, but other caps, and a cap with a slope, are rejected.
/// </summary>
/// <param name="maxValue">The cap: 6, or <see langword="null"/> for none.</param>
/// <param name="negativeSlope">The slope below 0, at least 0; 0 if there is a cap.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>re_lu</c>.</param>
/// <exception cref="ArgumentException">The combination is not supported.</exception>
public sealed class ReLU(double? maxValue = null, double negativeSlope = 0, string? name = null)
    : Layer(name),
        IFromConfig<ReLU>
{
    /// <summary>The cap: 6, or <see langword="null"/> for none.</summary>
    public double? MaxValue { get; } =
        maxValue is null or 6
            ? maxValue
            : throw Argument.OutOfRange(nameof(ReLU), nameof(maxValue), maxValue.Value, "6, or null for no cap");

    /// <summary>The slope below 0.</summary>
    public double NegativeSlope { get; } = RequireSlope(negativeSlope, maxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        MaxValue is not null ? Ops.Activate(inputs[0], ActivationKind.Relu6)
        : NegativeSlope > 0 ? Ops.Activate(inputs[0], ActivationKind.LeakyRelu, NegativeSlope)
        : Ops.Relu(inputs[0]);

    /// <inheritdoc/>
    public static ReLU FromConfig(LayerConfigReader config) =>
        new(config.OptionalDouble("max_value"), config.Double("negative_slope", 0), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["max_value"] = MaxValue;
        config["negative_slope"] = NegativeSlope;
        config["threshold"] = 0.0;
        return config;
    }

    private static double RequireSlope(double slope, double? maxValue)
    {
        if (slope > 0 && maxValue is not null)
        {
            throw new ArgumentException("ReLU: maxValue and negativeSlope cannot be combined. Use one of them.");
        }
        return slope >= 0 && double.IsFinite(slope)
            ? slope
            : throw Argument.OutOfRange(nameof(ReLU), "negativeSlope", slope, "finite and at least 0");
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.ReLU"/>
    public static Call<ReLU> ReLU(double? maxValue = null, double negativeSlope = 0, string? name = null) =>
        new ReLU(maxValue, negativeSlope, name).Apply;
}
