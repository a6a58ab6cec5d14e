using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that enlarges images by whole factors. Input: (N, H, W, C). Output: (N, H · rows, W · columns, C). Like Keras's UpSampling2D.</summary>
/// <param name="size">The factors of height and width, at least 1; <see langword="null"/> for 2.</param>
/// <param name="interpolation">The interpolation: <c>"nearest"</c>, which repeats pixels, <c>"bilinear"</c>, <c>"bicubic"</c>, <c>"lanczos3"</c> or <c>"lanczos5"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>up_sampling2_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">The interpolation is unknown.</exception>
public sealed class UpSampling2D(Size2? size = null, string interpolation = "nearest", string? name = null)
    : Layer(name),
        IFromConfig<UpSampling2D>
{
    /// <summary>The factors of height and width.</summary>
    public Size2 Size { get; } = Argument.AtLeast(size ?? 2, 1, nameof(UpSampling2D), nameof(size));

    /// <summary>The interpolation: <c>"nearest"</c>, which repeats pixels, <c>"bilinear"</c>, <c>"bicubic"</c>, <c>"lanczos3"</c> or <c>"lanczos5"</c>.</summary>
    public string Interpolation { get; } = ResizeMatrix.Require(interpolation, nameof(UpSampling2D));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        Shape shape = x.Shape.RequireImages("upsampling");
        (int height, int width, int channels) = (shape[1]!.Value, shape[2]!.Value, shape[3]!.Value);
        (int rows, int columns) = (checked(height * Size.Height), checked(width * Size.Width));
        if (Interpolation != "nearest")
        {
            return ResizeMatrix.Apply(x, rows, columns, Interpolation, antialias: false);
        }
        Symbol repeated =
            Ops.Reshape(x, Shape.Of(height, 1, width, 1, channels)) * Constants.Ones(Size.Height, 1, Size.Width, 1);
        return Ops.Reshape(repeated, Shape.Of(rows, columns, channels));
    }

    /// <inheritdoc/>
    public static UpSampling2D FromConfig(LayerConfigReader config) =>
        new(config.Size2("size", 2), config.String("interpolation", "nearest"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["size"] = Size.ToJson();
        config["interpolation"] = Interpolation;
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.UpSampling2D"/>
    public static Call<UpSampling2D> UpSampling2D(
        Size2? size = null,
        string interpolation = "nearest",
        string? name = null
    ) => new UpSampling2D(size, interpolation, name).Apply;
}
