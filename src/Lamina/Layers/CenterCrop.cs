using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that cuts the center out of images. Smaller images are cropped to the aspect ratio and resized, bilinearly. Input: (N, H, W, C). Output: (N, height, width, C). Like Keras's CenterCrop.</summary>
/// <param name="height">The new height in pixels, at least 1.</param>
/// <param name="width">The new width in pixels, at least 1.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>center_crop</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class CenterCrop(int height, int width, string? name = null) : Layer(name), IFromConfig<CenterCrop>
{
    /// <summary>The new height in pixels.</summary>
    public int Height { get; } = Argument.AtLeast(height, 1, nameof(CenterCrop), nameof(height));

    /// <summary>The new width in pixels.</summary>
    public int Width { get; } = Argument.AtLeast(width, 1, nameof(CenterCrop), nameof(width));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Apply(inputs[0], Height, Width);

    /// <inheritdoc/>
    public static CenterCrop FromConfig(LayerConfigReader config) =>
        new(config.Int("height"), config.Int("width"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = Height;
        config["width"] = Width;
        config["data_format"] = "channels_last";
        return config;
    }

    /// <summary>Cuts the center out of images, or resizes smaller images.</summary>
    internal static Symbol Apply(Symbol x, int rows, int columns)
    {
        Shape shape = x.Shape.RequireImages("a crop");
        (int height, int width) = (shape[1]!.Value, shape[2]!.Value);
        return height >= rows && width >= columns
            ? CenterWindow.Cut(x, (height - rows) / 2, (width - columns) / 2, rows, columns)
            : ResizeMatrix.Apply(CenterWindow.Crop(x, rows, columns), rows, columns, "bilinear", antialias: false);
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.CenterCrop"/>
    public static Call<CenterCrop> CenterCrop(int height, int width, string? name = null) =>
        new CenterCrop(height, width, name).Apply;
}
