using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The largest value of each window and channel; strides below the pool size overlap (paper, section 3.4). Input: (N, H, W, C). Output: (N, H', W', C). As Keras's MaxPooling2D.
/// </summary>
/// <param name="poolSize">The window's extent in pixels, at least 1; <see langword="null"/> for 2.</param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for the pool size.</param>
/// <param name="padding">What happens at the borders; <see langword="null"/> for <c>"valid"</c>. Padding counts as −∞.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>max_pooling2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
/// <exception cref="ArgumentException">Padding given a side is as long as the pool.</exception>
public sealed class MaxPool2D(
    Size2? poolSize = null,
    Size2? strides = null,
    Padding? padding = null,
    string? name = null
) : Layer(name)
{
    /// <inheritdoc/>
    public override string ClassName => "MaxPooling2D";

    /// <summary>The window's extent in pixels.</summary>
    public Size2 PoolSize { get; } = Argument.AtLeast(poolSize ?? 2, 1, "MaxPooling2D", nameof(poolSize));

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? poolSize ?? 2, 1, "MaxPooling2D", nameof(strides));

    /// <summary>What happens at the borders.</summary>
    public Padding Padding { get; } = (padding ?? Padding.Valid).RequireBelow(poolSize ?? 2, "MaxPooling2D");

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        return Ops.MaxPool(x, PoolSize, Strides, Padding.Resolve(x.Shape, "pooling", PoolSize, Strides, Size2.One));
    }

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
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.MaxPool2D"/>
    public static Call<MaxPool2D> MaxPool2D(
        Size2? poolSize = null,
        Size2? strides = null,
        Padding? padding = null,
        string? name = null
    ) => new MaxPool2D(poolSize, strides, padding, name).Apply;

    /// <inheritdoc cref="Lamina.MaxPool2D"/>
    public static Call<MaxPool2D> MaxPooling2D(
        Size2? poolSize = null,
        Size2? strides = null,
        Padding? padding = null,
        string? name = null
    ) => new MaxPool2D(poolSize, strides, padding, name).Apply;
}
