namespace Lamina;

/// <summary>One application of a layer: the symbols that went in and came out.</summary>
public sealed class Node
{
    internal Node(Layer layer, IReadOnlyList<Symbol> inputs)
    {
        Layer = layer;
        Inputs = inputs;
    }

    /// <summary>The layer that was applied.</summary>
    public Layer Layer { get; }

    /// <summary>What it was applied to; empty for an Input.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>What it made.</summary>
    public IReadOnlyList<Symbol> Outputs { get; internal set; } = [];
}
