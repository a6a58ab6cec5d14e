using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that computes the softmax along an axis: positive values that sum to 1. The shape does not change. Like
/// Keras's Softmax.
/// </summary>
/// <param name="axis">The axis: −1 is the last.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>softmax</c>.</param>
public sealed class Softmax(int axis = -1, string? name = null) : Layer(name), IFromConfig<Softmax>
{
    /// <summary>The axis along which values sum to 1.</summary>
    public int Axis { get; } = axis;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Axes.OnLast(inputs[0], Axis, Ops.Softmax);

    /// <inheritdoc/>
    public static Softmax FromConfig(LayerConfigReader config) => new(config.Axis("axis", -1), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Axis;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Softmax"/>
    public static Call<Softmax> Softmax(int axis = -1, string? name = null) => new Softmax(axis, name).Apply;
}
