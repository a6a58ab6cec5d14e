using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that divides each sample by its Euclidean length along some axes. The shape does not change. Like Keras's UnitNormalization.</summary>
/// <param name="axis">The axes along which the squares sum to 1; negative counts from the end; <see langword="null"/> for the last.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>unit_normalization</c>.</param>
public sealed class UnitNormalization(IReadOnlyList<int>? axis = null, string? name = null)
    : Layer(name),
        IFromConfig<UnitNormalization>
{
    /// <summary>The axes along which the squares sum to 1; negative counts from the end; <see langword="null"/> for the last.</summary>
    public IReadOnlyList<int> Axis { get; } = LayerAxes.Require(axis);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Normalize(inputs[0], LayerAxes.Resolve(Axis, inputs[0].Shape));

    /// <inheritdoc/>
    public static UnitNormalization FromConfig(LayerConfigReader config) =>
        new(config.Has("axis") ? config.AxisList("axis") : null, config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Axis.AxesToJson();
        return config;
    }

    // The square of Keras's bound of 1e-12, inside of the root, whose gradient at 0 is infinite.
    private const double Least = 1e-24;

    /// <summary>Divides by the Euclidean length along some axes.</summary>
    internal static Symbol Normalize(Symbol x, IReadOnlyList<int> axes) =>
        x / Ops.Sqrt(Ops.Maximum(Ops.Sum(Ops.Square(x), axes, keepDims: true), Least));
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.UnitNormalization"/>
    public static Call<UnitNormalization> UnitNormalization(IReadOnlyList<int>? axis = null, string? name = null) =>
        new UnitNormalization(axis, name).Apply;
}
