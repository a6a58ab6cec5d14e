namespace Lamina;

/// <summary>
/// A layer that averages each window of each channel. Input: (N, H, W, C). Output: (N, H', W', C). Like Keras's
/// AveragePooling2D.
/// </summary>
/// <param name="poolSize">
/// The height and width of the window in pixels, at least 1; <see langword="null"/> for 2.
/// </param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for the pool size.</param>
/// <param name="padding">
/// The padding at the borders; <see langword="null"/> for <c>"valid"</c>. Padding is excluded from the mean.
/// </param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>average_pooling2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">An extent is below 1.</exception>
/// <exception cref="ArgumentException">A side of the padding is as long as the pool.</exception>
public sealed class AveragePooling2D(
    Size2? poolSize = null,
    Size2? strides = null,
    Padding? padding = null,
    string? name = null
) : Pooling2D(poolSize, strides, padding, name), IFromConfig<AveragePooling2D>
{
    /// <inheritdoc/>
    public override string ClassName => "AveragePooling2D";

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.AveragePool(inputs[0], PoolSize, Strides, PadsOf(inputs[0]));

    /// <inheritdoc/>
    public static AveragePooling2D FromConfig(LayerConfigReader config) =>
        new(config.Size2("pool_size", 2), StridesOf(config), config.Padding("padding"), config.Name);
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
