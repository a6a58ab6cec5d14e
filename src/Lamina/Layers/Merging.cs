using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Inputs one after another along an axis; all other dimensions are equal. As Keras's Concatenate.
/// </summary>
/// <param name="axis">The axis: −1 is the last, the channels.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>concatenate</c>.</param>
public sealed class Concatenate(int axis = -1, string? name = null) : Layer(name), IFromConfig<Concatenate>
{
    /// <summary>The axis.</summary>
    public int Axis { get; } = axis;

    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (1, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.Concat(inputs, Axes.Resolve(Axis, inputs[0].Shape));

    /// <inheritdoc/>
    public static Concatenate FromConfig(LayerConfigReader config) => new(config.Axis("axis", -1), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = Axis;
        return config;
    }
}

/// <summary>
/// The sum of two or more inputs; dimensions of 1 are repeated, and inputs of fewer dimensions get dimensions of 1 after their
/// batch. As Keras's Add.
/// </summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>add</c>.</param>
public sealed class Add(string? name = null) : Layer(name), IFromConfig<Add>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Add(Merging.OfOneRank(inputs));

    /// <inheritdoc/>
    public static Add FromConfig(LayerConfigReader config) => new(config.Name);
}

/// <summary>
/// The product of two or more inputs; dimensions of 1 are repeated, and inputs of fewer dimensions get dimensions of 1 after
/// their batch. As Keras's Multiply.
/// </summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>multiply</c>.</param>
public sealed class Multiply(string? name = null) : Layer(name), IFromConfig<Multiply>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Multiply(Merging.OfOneRank(inputs));

    /// <inheritdoc/>
    public static Multiply FromConfig(LayerConfigReader config) => new(config.Name);
}

internal static class Merging
{
    /// <summary>
    /// The inputs with dimensions of 1 after the batch where others have more: (N, C) and (N, H, W, C) meet at the channels,
    /// while operators, as NumPy's, would take the batch for a width.
    /// </summary>
    public static Symbol[] OfOneRank(IReadOnlyList<Symbol> inputs)
    {
        int rank = inputs.Max(x => x.Shape.Rank);
        return
        [
            .. inputs.Select(x =>
                x.Shape.Rank is 0 || x.Shape.Rank == rank
                    ? x
                    : Ops.Reshape(x, [.. Enumerable.Repeat<int?>(1, rank - x.Shape.Rank), .. x.Shape.Sample])
            ),
        ];
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Concatenate"/>
    public static Call<Concatenate> Concatenate(int axis = -1, string? name = null) =>
        new Concatenate(axis, name).Apply;

    /// <inheritdoc cref="Lamina.Add"/>
    public static Call<Add> Add(string? name = null) => new Add(name).Apply;

    /// <inheritdoc cref="Lamina.Multiply"/>
    public static Call<Multiply> Multiply(string? name = null) => new Multiply(name).Apply;
}
