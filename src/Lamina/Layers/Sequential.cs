namespace Lamina;

/// <summary>
/// An item of a <see cref="Layers.Sequential"/>: an Input, a layer's call such as <c>Dense(10)</c>, or a layer or model.
/// All convert.
/// </summary>
public readonly struct SequentialItem
{
    private SequentialItem(Symbol? input, Layer? layer) => (Input, Layer) = (input, layer);

    /// <summary>The input; <see langword="null"/> for a layer.</summary>
    internal Symbol? Input { get; }

    /// <summary>The layer; <see langword="null"/> for an input.</summary>
    internal Layer? Layer { get; }

    /// <summary>Converts an input.</summary>
    public static implicit operator SequentialItem(Symbol input) => new(input, null);

    /// <summary>Converts a layer or model.</summary>
    public static implicit operator SequentialItem(Layer layer) => new(null, layer);

    /// <summary>Converts a layer's call.</summary>
    public static implicit operator SequentialItem(Call<Layer> call) =>
        new(
            null,
            call?.Target as Layer ?? throw new ArgumentException("The call does not belong to a layer.", nameof(call))
        );
}

public static partial class Layers
{
    /// <summary>
    /// Creates a model that is a chain of layers: <c>Sequential([Input(28, 28, 1), Flatten(), Dense(10)])</c>. Like Keras's
    /// Sequential, but complete from the start: it needs an Input, and layers cannot be added later.
    /// </summary>
    /// <param name="layers">An Input and at least one layer.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>sequential</c>, <c>sequential_1</c>…</param>
    /// <exception cref="GraphException">
    /// The first item is not an Input, a later one is, or there is no layer.
    /// </exception>
    public static Model Sequential(ReadOnlySpan<SequentialItem> layers, string? name = null)
    {
        if (layers.Length < 2 || layers[0].Input is not { Layer: InputLayer } input)
        {
            throw new GraphException("A Sequential begins with an Input and has at least one layer.");
        }
        Symbol output = input;
        foreach (SequentialItem item in layers[1..])
        {
            Layer layer =
                item.Layer
                ?? throw new GraphException(
                    "A Sequential has one Input, at its beginning. Use Model for other graphs."
                );
            output = layer.Apply(output);
        }
        return new Model([input], [output], name ?? Session.UniqueName("sequential")) { IsSequential = true };
    }
}
