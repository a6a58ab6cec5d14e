using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that returns the maximum of each channel over the image. Input: (N, H, W, C). Output: (N, C), or (N, 1, 1, C). Like Keras's GlobalMaxPooling2D.</summary>
/// <param name="keepDims"><see langword="true"/> to keep height and width, with size 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>global_max_pooling2_d</c>.</param>
public sealed class GlobalMaxPooling2D(bool keepDims = false, string? name = null)
    : Layer(name),
        IFromConfig<GlobalMaxPooling2D>
{
    /// <summary><see langword="true"/> if height and width are kept, with size 1.</summary>
    public bool KeepDims { get; } = keepDims;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        inputs[0].Shape.RequireImages("pooling");
        return Ops.Max(inputs[0], [1, 2], KeepDims);
    }

    /// <inheritdoc/>
    public static GlobalMaxPooling2D FromConfig(LayerConfigReader config) =>
        new(config.Bool("keepdims", false), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["keepdims"] = KeepDims;
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.GlobalMaxPooling2D"/>
    public static Call<GlobalMaxPooling2D> GlobalMaxPooling2D(bool keepDims = false, string? name = null) =>
        new GlobalMaxPooling2D(keepDims, name).Apply;
}
