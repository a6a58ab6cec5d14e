using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Means over windows that divide an image into so many rows and columns, whatever its size. Input: (N, H, W, C). Output:
/// (N, rows, columns, C). As PyTorch's AdaptiveAvgPool2d.
/// </summary>
/// <remarks>
/// Of n pixels, window i of m covers ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉: windows overlap where m does not divide n, and repeat
/// pixels where m exceeds n.
/// </remarks>
/// <param name="outputSize">The output's extent, at least 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>adaptive_average_pooling2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
public sealed class AdaptiveAveragePooling2D(Size2 outputSize, string? name = null)
    : Layer(name),
        IFromConfig<AdaptiveAveragePooling2D>
{
    /// <summary>The output's extent.</summary>
    public Size2 OutputSize { get; } =
        Argument.AtLeast(outputSize, 1, nameof(AdaptiveAveragePooling2D), nameof(outputSize));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.AdaptiveAveragePool(inputs[0], OutputSize);

    /// <inheritdoc/>
    public static AdaptiveAveragePooling2D FromConfig(LayerConfigReader config) =>
        new(config.Size2("output_size"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["output_size"] = OutputSize.ToJson();
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.AdaptiveAveragePooling2D"/>
    public static Call<AdaptiveAveragePooling2D> AdaptiveAveragePooling2D(Size2 outputSize, string? name = null) =>
        new AdaptiveAveragePooling2D(outputSize, name).Apply;
}
