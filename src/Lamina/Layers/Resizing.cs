using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that resizes images. Input: (N, H, W, C). Output: (N, height, width, C). Like Keras's Resizing.</summary>
/// <param name="height">The new height in pixels, at least 1.</param>
/// <param name="width">The new width in pixels, at least 1.</param>
/// <param name="interpolation">The interpolation: <c>"nearest"</c>, <c>"bilinear"</c>, <c>"bicubic"</c>, <c>"lanczos3"</c> or <c>"lanczos5"</c>.</param>
/// <param name="cropToAspectRatio"><see langword="true"/> to crop the center of images to the new aspect ratio first, so that nothing is distorted.</param>
/// <param name="padToAspectRatio"><see langword="true"/> to pad images to the new aspect ratio first, so that nothing is distorted or lost.</param>
/// <param name="fillValue">The value of padded pixels.</param>
/// <param name="antialias"><see langword="true"/> to average over the pixels that become one when images are made smaller.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>resizing</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">The interpolation is unknown.</exception>
public sealed class Resizing(
    int height,
    int width,
    string interpolation = "bilinear",
    bool cropToAspectRatio = false,
    bool padToAspectRatio = false,
    double fillValue = 0,
    bool antialias = false,
    string? name = null
) : Layer(name), IFromConfig<Resizing>
{
    /// <summary>The new height in pixels.</summary>
    public int Height { get; } = Argument.AtLeast(height, 1, nameof(Resizing), nameof(height));

    /// <summary>The new width in pixels.</summary>
    public int Width { get; } = Argument.AtLeast(width, 1, nameof(Resizing), nameof(width));

    /// <summary>The interpolation: <c>"nearest"</c>, <c>"bilinear"</c>, <c>"bicubic"</c>, <c>"lanczos3"</c> or <c>"lanczos5"</c>.</summary>
    public string Interpolation { get; } = ResizeMatrix.Require(interpolation, nameof(Resizing));

    /// <summary><see langword="true"/> to crop the center of images to the new aspect ratio first, so that nothing is distorted.</summary>
    public bool CropToAspectRatio { get; } = cropToAspectRatio;

    /// <summary><see langword="true"/> to pad images to the new aspect ratio first, so that nothing is distorted or lost.</summary>
    public bool PadToAspectRatio { get; } = padToAspectRatio;

    /// <summary>The value of padded pixels.</summary>
    public double FillValue { get; } = Argument.Finite(fillValue, nameof(Resizing), nameof(fillValue));

    /// <summary><see langword="true"/> to average over the pixels that become one when images are made smaller.</summary>
    public bool Antialias { get; } = antialias;

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        if (CropToAspectRatio && PadToAspectRatio)
        {
            throw new ShapeException("cropToAspectRatio and padToAspectRatio cannot be combined. Use one of them.");
        }
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        x.Shape.RequireImages("a resize");
        if (CropToAspectRatio)
        {
            x = CenterWindow.Crop(x, Height, Width);
        }
        if (PadToAspectRatio)
        {
            x = CenterWindow.Pad(x, Height, Width, FillValue);
        }
        return ResizeMatrix.Apply(x, Height, Width, Interpolation, Antialias);
    }

    /// <inheritdoc/>
    public static Resizing FromConfig(LayerConfigReader config) =>
        new(
            config.Int("height"),
            config.Int("width"),
            config.String("interpolation", "bilinear"),
            config.Bool("crop_to_aspect_ratio", false),
            config.Bool("pad_to_aspect_ratio", false),
            config.Double("fill_value", 0),
            config.Bool("antialias", false),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = Height;
        config["width"] = Width;
        config["interpolation"] = Interpolation;
        config["crop_to_aspect_ratio"] = CropToAspectRatio;
        config["pad_to_aspect_ratio"] = PadToAspectRatio;
        config["fill_value"] = FillValue;
        config["antialias"] = Antialias;
        config["fill_mode"] = "constant";
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Resizing"/>
    public static Call<Resizing> Resizing(
        int height,
        int width,
        string interpolation = "bilinear",
        bool cropToAspectRatio = false,
        bool padToAspectRatio = false,
        double fillValue = 0,
        bool antialias = false,
        string? name = null
    ) =>
        new Resizing(
            height,
            width,
            interpolation,
            cropToAspectRatio,
            padToAspectRatio,
            fillValue,
            antialias,
            name
        ).Apply;
}

/// <summary>Brings images to an aspect ratio around their centers, with Keras's rounding.</summary>
internal static class CenterWindow
{
    /// <summary>Crops images to the aspect ratio of a size.</summary>
    public static Symbol Crop(Symbol x, int rows, int columns)
    {
        (int height, int width) = (x.Shape[1]!.Value, x.Shape[2]!.Value);
        int h = Math.Max(Math.Min(height, (int)((double)width * rows / columns)), 1);
        int w = Math.Max(Math.Min(width, (int)((double)height * columns / rows)), 1);
        return Cut(x, (height - h) / 2, (width - w) / 2, h, w);
    }

    /// <summary>Pads images to the aspect ratio of a size.</summary>
    public static Symbol Pad(Symbol x, int rows, int columns, double value)
    {
        (int height, int width) = (x.Shape[1]!.Value, x.Shape[2]!.Value);
        int h = Math.Max(height, (int)((double)width * rows / columns));
        int w = Math.Max(width, (int)((double)height * columns / rows));
        (int top, int left) = ((h - height) / 2, (w - width) / 2);
        // Keras pads both ends alike, and leaves an odd pixel out.
        Symbol padded = Ops.Pad(value == 0 ? x : x - value, new Pads2(top, top, left, left));
        return value == 0 ? padded : padded + value;
    }

    /// <summary>Cuts a window from images.</summary>
    public static Symbol Cut(Symbol x, int top, int left, int rows, int columns)
    {
        x = rows == x.Shape[1] ? x : Ops.Slice(x, 1, top, rows);
        return columns == x.Shape[2] ? x : Ops.Slice(x, 2, left, columns);
    }
}
