using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that selects a range of one axis, the inverse of <see cref="Concatenate"/>. For example, <c>Slice(start: 48,
/// size: 48)</c> of (N, H, W, C) returns (N, H, W, 48), one tower's channels.
/// </summary>
/// <param name="start">The first index, at least 0.</param>
/// <param name="size">The number of indices, at least 1.</param>
/// <param name="axis">The axis: −1 is the last, the channels.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>slice</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class Slice(int start, int size, int axis = -1, string? name = null) : Layer(name), IFromConfig<Slice>
{
    /// <summary>The first index.</summary>
    public int Start { get; } = Argument.AtLeast(start, 0, nameof(Slice), nameof(start));

    /// <summary>The number of indices.</summary>
    public int Size { get; } = Argument.AtLeast(size, 1, nameof(Slice), nameof(size));

    /// <summary>The axis.</summary>
    public int Axis { get; } = axis;

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.Slice(inputs[0], Axes.Resolve(Axis, inputs[0].Shape), Start, Size);

    /// <inheritdoc/>
    public static Slice FromConfig(LayerConfigReader config) =>
        new(config.Int("start"), config.Int("size"), config.Axis("axis", -1), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["start"] = Start;
        config["size"] = Size;
        config["axis"] = Axis;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Slice"/>
    public static Call<Slice> Slice(int start, int size, int axis = -1, string? name = null) =>
        new Slice(start, size, axis, name).Apply;
}
