using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The base class of pooling layers: a window that moves over height and width. Input: (N, H, W, C). Output: (N, H',
/// W', C).
/// </summary>
public abstract class Pooling2D : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="poolSize">
    /// The height and width of the window in pixels, at least 1; <see langword="null"/> for 2.
    /// </param>
    /// <param name="strides">The distance between windows in pixels; <see langword="null"/> for the pool size.</param>
    /// <param name="padding">The padding at the borders; <see langword="null"/> for <c>"valid"</c>.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next name of the class.</param>
    /// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
    /// <exception cref="ArgumentException">A side of the padding is as long as the pool.</exception>
    private protected Pooling2D(Size2? poolSize, Size2? strides, Padding? padding, string? name)
        : base(name)
    {
        PoolSize = Argument.AtLeast(poolSize ?? 2, 1, ClassName, nameof(poolSize));
        Strides = Argument.AtLeast(strides ?? poolSize ?? 2, 1, ClassName, nameof(strides));
        Padding = (padding ?? Padding.Valid).RequireBelow(PoolSize, ClassName);
    }

    /// <summary>The height and width of the window in pixels.</summary>
    public Size2 PoolSize { get; }

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; }

    /// <summary>The padding at the borders.</summary>
    public Padding Padding { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["pool_size"] = PoolSize.ToJson();
        config["padding"] = Padding.ToJson();
        config["strides"] = Strides.ToJson();
        config["data_format"] = "channels_last";
        return config;
    }

    /// <summary>Returns the strides in a config; <see langword="null"/> for the pool size.</summary>
    private protected static Size2? StridesOf(LayerConfigReader config) =>
        config.Has("strides") ? config.Size2("strides") : null;

    /// <summary>Returns the pixels that the padding adds to images.</summary>
    private protected Pads2 PadsOf(Symbol images) =>
        Padding.Resolve(images.Shape, "pooling", PoolSize, Strides, Size2.One);
}
