using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that removes pixels at the borders of images. Input: (N, H, W, C). Output: (N, H − top − bottom, W − left − right, C). Like Keras's Cropping2D.</summary>
/// <param name="cropping">The number of pixels removed on each side, at least 0.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>cropping2_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
public sealed class Cropping2D(Pads2 cropping, string? name = null) : Layer(name), IFromConfig<Cropping2D>
{
    /// <summary>The number of pixels removed on each side, at least 0.</summary>
    public Pads2 Cropping { get; } = Require(cropping);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Shape x = inputs[0].Shape.RequireImages("a crop");
        int height = x[1]!.Value - Cropping.Top - Cropping.Bottom;
        int width = x[2]!.Value - Cropping.Left - Cropping.Right;
        if (height < 1 || width < 1)
        {
            throw new ShapeException(
                $"cropping {Cropping} leaves nothing of {x}. Use a smaller crop or a larger Input."
            );
        }
        return Ops.Slice(Ops.Slice(inputs[0], 1, Cropping.Top, height), 2, Cropping.Left, width);
    }

    /// <inheritdoc/>
    public static Cropping2D FromConfig(LayerConfigReader config) => new(config.Pads2("cropping"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["cropping"] = Cropping.ToJson();
        config["data_format"] = "channels_last";
        return config;
    }

    private static Pads2 Require(Pads2 cropping) =>
        cropping is { Top: >= 0, Bottom: >= 0, Left: >= 0, Right: >= 0 }
            ? cropping
            : throw new ArgumentOutOfRangeException(
                nameof(cropping),
                $"Cropping2D: cropping is {cropping}; no side may be negative."
            );
}

public static partial class Layers
{
    /// <summary>Creates a layer that removes pixels of images, equally above and below, and left and right.</summary>
    /// <param name="cropping">The number of rows removed above and below, and of columns removed left and right.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>cropping2d</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
    public static Call<Cropping2D> Cropping2D(Size2 cropping, string? name = null) =>
        new Cropping2D(new Pads2(cropping.Height, cropping.Height, cropping.Width, cropping.Width), name).Apply;

    /// <summary>Creates a layer that removes pixels of images: ((top, bottom), (left, right)).</summary>
    /// <param name="cropping">The number of pixels removed on each side, at least 0.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>cropping2d</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is negative.</exception>
    public static Call<Cropping2D> Cropping2D(
        ((int Top, int Bottom) Rows, (int Left, int Right) Columns) cropping,
        string? name = null
    )
    {
        var ((top, bottom), (left, right)) = cropping;
        return new Cropping2D(new Pads2(top, bottom, left, right), name).Apply;
    }
}
