using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that computes max(x, 0), optionally with a cap, a slope and a threshold: the cap from it on, x from the threshold on, slope · (x − threshold) below. The shape does not change. Like Keras's ReLU.</summary>
/// <param name="maxValue">The cap, at least 0; <see langword="null"/> for none.</param>
/// <param name="negativeSlope">The slope below the threshold, at least 0.</param>
/// <param name="threshold">The value below which the slope applies, at least 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>re_lu</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class ReLU(double? maxValue = null, double negativeSlope = 0, double threshold = 0, string? name = null)
    : Layer(name),
        IFromConfig<ReLU>
{
    /// <summary>The cap, at least 0; <see langword="null"/> for none.</summary>
    public double? MaxValue { get; } = RequireMaxValue(maxValue);

    /// <summary>The slope below the threshold, at least 0.</summary>
    public double NegativeSlope { get; } = Require(negativeSlope, nameof(negativeSlope));

    /// <summary>The value below which the slope applies, at least 0.</summary>
    public double Threshold { get; } = Require(threshold, nameof(threshold));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        return (MaxValue, NegativeSlope, Threshold) switch
        {
            (null, 0, 0) => Ops.Relu(x),
            (null, var slope, 0) => Ops.Activate(x, ActivationKind.LeakyRelu, slope),
            (6, 0, 0) => Ops.Activate(x, ActivationKind.Relu6),
            _ => General(x),
        };
    }

    /// <inheritdoc/>
    public static ReLU FromConfig(LayerConfigReader config) =>
        new(
            config.OptionalDouble("max_value"),
            config.Double("negative_slope", 0),
            config.Double("threshold", 0),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["max_value"] = MaxValue;
        config["negative_slope"] = NegativeSlope;
        config["threshold"] = Threshold;
        return config;
    }

    private Symbol General(Symbol x)
    {
        Symbol above = MaxValue is { } cap ? Ops.Minimum(x, cap) : x;
        return Ops.Where(x >= Threshold, above, NegativeSlope * (x - Threshold));
    }

    private static double? RequireMaxValue(double? cap) => cap is { } value ? Require(value, "maxValue") : null;

    private static double Require(double value, string name) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw Argument.OutOfRange(nameof(ReLU), name, value, "finite and at least 0");
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.ReLU"/>
    public static Call<ReLU> ReLU(
        double? maxValue = null,
        double negativeSlope = 0,
        double threshold = 0,
        string? name = null
    ) => new ReLU(maxValue, negativeSlope, threshold, name).Apply;
}
