using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The mean of each window and channel. Input: (N, H, W, C). Output: (N, H', W', C). As Keras's AveragePooling2D.
/// </summary>
/// <param name="poolSize">The window's extent in pixels, at least 1; <see langword="null"/> for 2.</param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for the pool size.</param>
/// <param name="padding">What happens at the borders; <see langword="null"/> for <c>"valid"</c>. Padding is left out of the mean.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>average_pooling2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
/// <exception cref="ArgumentException">Padding given a side is as long as the pool.</exception>
public sealed class AveragePooling2D(
    Size2? poolSize = null,
    Size2? strides = null,
    Padding? padding = null,
    string? name = null
) : Layer(name)
{
    /// <inheritdoc/>
    public override string ClassName => "AveragePooling2D";

    /// <summary>The window's extent in pixels.</summary>
    public Size2 PoolSize { get; } = Argument.AtLeast(poolSize ?? 2, 1, "AveragePooling2D", nameof(poolSize));

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? poolSize ?? 2, 1, "AveragePooling2D", nameof(strides));

    /// <summary>What happens at the borders.</summary>
    public Padding Padding { get; } = (padding ?? Padding.Valid).RequireBelow(poolSize ?? 2, "AveragePooling2D");

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        return Ops.AveragePool(x, PoolSize, Strides, Padding.Resolve(x.Shape, "pooling", PoolSize, Strides, Size2.One));
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
    /// <inheritdoc cref="Lamina.AveragePooling2D"/>
    public static Call<AveragePooling2D> AveragePooling2D(
        Size2? poolSize = null,
        Size2? strides = null,
        Padding? padding = null,
        string? name = null
    ) => new AveragePooling2D(poolSize, strides, padding, name).Apply;
}
