using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that averages over windows that divide an image into a fixed number of rows and columns. Input: (N, H, W,
/// C). Output: (N, rows, columns, C). Like PyTorch's AdaptiveAvgPool2d.
/// </summary>
/// <remarks>
/// For n pixels and m windows, window i covers pixels from ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉: windows overlap if m does
/// not divide n, and repeat pixels if m exceeds n.
/// </remarks>
/// <param name="outputSize">The rows and columns of the output, each at least 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>adaptive_average_pooling2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
public sealed class AdaptiveAveragePooling2D(Size2 outputSize, string? name = null)
    : Layer(name),
        IFromConfig<AdaptiveAveragePooling2D>
{
    /// <summary>The rows and columns of the output.</summary>
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
