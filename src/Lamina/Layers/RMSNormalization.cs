using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that divides each sample by its root mean square along some axes, then scales it (Zhang &amp; Sennrich 2019). The shape does not change. Weights, of the sizes of the axes: scale. Like Keras's RMSNormalization.</summary>
/// <param name="axis">The axes, which the scale has; negative counts from the end; <see langword="null"/> for the last.</param>
/// <param name="epsilon">The constant added to the variance, above 0. Default: 0.000001.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>rms_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class RMSNormalization(IReadOnlyList<int>? axis = null, double epsilon = 1e-6, string? name = null)
    : Layer(name),
        IFromConfig<RMSNormalization>
{
    private Weight? _scale;

    /// <summary>The axes, which the scale has; negative counts from the end; <see langword="null"/> for the last.</summary>
    public IReadOnlyList<int> Axis { get; } = LayerAxes.Require(axis);

    /// <summary>The constant added to the variance.</summary>
    public double Epsilon { get; } = Argument.Above(epsilon, 0, nameof(RMSNormalization), nameof(epsilon));

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        var shape = Shape.Of([.. LayerAxes.Resolve(Axis, inputs[0]).Select(a => inputs[0][a]!.Value)]);
        _scale = AddWeight("scale", shape, "ones");
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        int[] axes = LayerAxes.Resolve(Axis, x.Shape);
        Symbol mean = Ops.Mean(Ops.Square(x), axes, keepDims: true);
        return x / Ops.Sqrt(mean + Epsilon) * LayerAxes.Stretch(_scale!, axes, x.Shape.Rank);
    }

    /// <inheritdoc/>
    public static RMSNormalization FromConfig(LayerConfigReader config) =>
        new(config.Has("axis") ? config.AxisList("axis") : null, config.Double("epsilon", 1e-6), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Axis.AxesToJson();
        config["epsilon"] = Epsilon;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RMSNormalization"/>
    public static Call<RMSNormalization> RMSNormalization(
        IReadOnlyList<int>? axis = null,
        double epsilon = 1e-6,
        string? name = null
    ) => new RMSNormalization(axis, epsilon, name).Apply;
}
