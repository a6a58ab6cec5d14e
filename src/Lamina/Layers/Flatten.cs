using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that flattens each sample to one dimension, in (H, W, C) order. Input: (N, …). Output: (N, elements). Like
/// Keras's Flatten.
/// </summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>flatten</c>.</param>
public sealed class Flatten(string? name = null) : Layer(name), IFromConfig<Flatten>
{
    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.Reshape(inputs[0], Shape.Of(checked((int)inputs[0].Shape.SampleCount)));

    /// <inheritdoc/>
    public static Flatten FromConfig(LayerConfigReader config) => new(config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Flatten"/>
    public static Call<Flatten> Flatten(string? name = null) => new Flatten(name).Apply;
}
