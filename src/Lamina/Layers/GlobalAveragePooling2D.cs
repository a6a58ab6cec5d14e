using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that averages each channel over the image. Input: (N, H, W, C). Output: (N, C), or (N, 1, 1, C). Like
/// Keras's GlobalAveragePooling2D.
/// </summary>
/// <param name="keepDims"><see langword="true"/> to keep height and width, with size 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>global_average_pooling2d</c>.</param>
public sealed class GlobalAveragePooling2D(bool keepDims = false, string? name = null)
    : Layer(name),
        IFromConfig<GlobalAveragePooling2D>
{
    /// <summary><see langword="true"/> if height and width are kept, with size 1.</summary>
    public bool KeepDims { get; } = keepDims;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        inputs[0].Shape.RequireImages("pooling");
        return Ops.Mean(inputs[0], [1, 2], KeepDims);
    }

    /// <inheritdoc/>
    public static GlobalAveragePooling2D FromConfig(LayerConfigReader config) =>
        new(config.Bool("keepdims", false), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["data_format"] = "channels_last";
        config["keepdims"] = KeepDims;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.GlobalAveragePooling2D"/>
    public static Call<GlobalAveragePooling2D> GlobalAveragePooling2D(bool keepDims = false, string? name = null) =>
        new GlobalAveragePooling2D(keepDims, name).Apply;
}
