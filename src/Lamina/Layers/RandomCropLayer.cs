using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that in training cuts a window at a random place out of each image. In inference, and for images that are not larger than the window, it crops the center to the aspect ratio and resizes, bilinearly. Input: (N, H, W, C). Output: (N, height, width, C). Like Keras's RandomCrop, where one place serves a whole batch.</summary>
/// <param name="height">The window's height in pixels, at least 1.</param>
/// <param name="width">The window's width in pixels, at least 1.</param>
/// <param name="seed">The layer's own seed; <see langword="null"/> for the run's seed.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>random_crop</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class RandomCropLayer(int height, int width, int? seed = null, string? name = null)
    : Layer(name),
        IFromConfig<RandomCropLayer>
{
    /// <inheritdoc/>
    public override string ClassName => "RandomCrop";

    /// <summary>The window's height in pixels.</summary>
    public int Height { get; } = Argument.AtLeast(height, 1, nameof(RandomCropLayer), nameof(height));

    /// <summary>The window's width in pixels.</summary>
    public int Width { get; } = Argument.AtLeast(width, 1, nameof(RandomCropLayer), nameof(width));

    /// <summary>The layer's own seed; <see langword="null"/> for the run's seed.</summary>
    public int? Seed { get; } = seed;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        Shape shape = x.Shape.RequireImages("a crop");
        (int rows, int columns) = (shape[1]!.Value - Height, shape[2]!.Value - Width);
        Symbol center = ResizeMatrix.Apply(
            CenterWindow.Crop(x, Height, Width),
            Height,
            Width,
            "bilinear",
            antialias: false
        );
        if (rows <= 0 || columns <= 0)
        {
            return center;
        }
        Symbol start = Ops.RandomUniform(x, Shape.Of(1, 1, 2), 0, 1, Seed) * Constants.Of([rows + 1, columns + 1], 2);
        // Reading rounds ⌊x + ½⌋, so that ½ less cuts off the fraction.
        Symbol points = RandomTransform.Grid(shape.With(1, Height).With(2, Width)) + (start - 0.5);
        return Ops.InTraining(Ops.Sample(x, points, FillMode.Nearest, nearest: true), center);
    }

    /// <inheritdoc/>
    public static RandomCropLayer FromConfig(LayerConfigReader config) =>
        new(config.Int("height"), config.Int("width"), config.OptionalInt("seed"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = Height;
        config["width"] = Width;
        config["seed"] = Seed;
        config["data_format"] = "channels_last";
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.RandomCropLayer"/>
    public static Call<RandomCropLayer> RandomCrop(int height, int width, int? seed = null, string? name = null) =>
        new RandomCropLayer(height, width, seed, name).Apply;
}
