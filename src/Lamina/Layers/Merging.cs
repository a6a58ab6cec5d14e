using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that concatenates its inputs along an axis; all other dimensions are equal. Like Keras's Concatenate.
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
/// A layer that adds two or more inputs. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of 1
/// after their batch. Like Keras's Add.
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
/// A layer that multiplies two or more inputs. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of
/// 1 after their batch. Like Keras's Multiply.
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
    /// Returns the inputs with dimensions of 1 inserted after the batch, so that all have the same rank. (N, C) and (N,
    /// H, W, C) align at the channels, whereas operators, like NumPy's, would treat the batch as a width.
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
