using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that adds zeros around images. Input: (N, H, W, C). Output: (N, top + H + bottom, left + W + right, C). Like
/// Keras's ZeroPadding2D.
/// </summary>
/// <param name="padding">The number of pixels on each side, at least 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>zero_padding2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
public sealed class ZeroPadding2D(Pads2 padding, string? name = null) : Layer(name), IFromConfig<ZeroPadding2D>
{
    /// <summary>The number of pixels on each side.</summary>
    public Pads2 Padding { get; } =
        padding is { Top: >= 0, Bottom: >= 0, Left: >= 0, Right: >= 0 }
            ? padding
            : throw new ArgumentOutOfRangeException(
                nameof(padding),
                $"ZeroPadding2D: padding is {padding}; no side may be negative."
            );

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Pad(inputs[0], Padding);

    /// <inheritdoc/>
    public static ZeroPadding2D FromConfig(LayerConfigReader config) => new(config.Pads2("padding"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["padding"] = Padding.ToJson();
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <summary>Creates a layer that adds zeros around images, equally above and below, and left and right.</summary>
    /// <param name="padding">
    /// The number of rows above and below, and of columns left and right; <see langword="null"/> for 1.
    /// </param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>zero_padding2d</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
    public static Call<ZeroPadding2D> ZeroPadding2D(Size2? padding = null, string? name = null)
    {
        Size2 size = padding ?? Size2.One;
        return new ZeroPadding2D(new Pads2(size.Height, size.Height, size.Width, size.Width), name).Apply;
    }

    /// <summary>Creates a layer that adds zeros around images: ((top, bottom), (left, right)).</summary>
    /// <param name="padding">The number of pixels on each side, at least 0.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>zero_padding2d</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
    public static Call<ZeroPadding2D> ZeroPadding2D(
        ((int Top, int Bottom) Rows, (int Left, int Right) Columns) padding,
        string? name = null
    )
    {
        var ((top, bottom), (left, right)) = padding;
        return new ZeroPadding2D(new Pads2(top, bottom, left, right), name).Apply;
    }
}
