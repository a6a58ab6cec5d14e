namespace Lamina;

/// <summary>One application of a layer, with its input and output symbols.</summary>
public sealed class Node
{
    internal Node(Layer layer, IReadOnlyList<Symbol> inputs)
    {
        Layer = layer;
        Inputs = inputs;
    }

    /// <summary>The layer that was applied.</summary>
    public Layer Layer { get; }

    /// <summary>The symbols that the layer was applied to; empty for an Input.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The values that the layer added to the loss; empty if none.</summary>
    internal IReadOnlyList<Symbol> Losses { get; init; } = [];

    /// <summary>The symbols that the layer returned.</summary>
    public IReadOnlyList<Symbol> Outputs { get; internal set; } = [];
}
