namespace Lamina;

/// <summary>
/// A tensor that is not computed yet: what <c>Input(…)</c> returns and layers are applied to (Keras's
/// KerasTensor). It knows its shape and how it comes about, both as layers and as ops.
/// </summary>
public sealed partial class Symbol
{
    internal Symbol(Shape shape, OpNode producer, Node? node = null, int outputIndex = 0)
    {
        Shape = shape;
        Producer = producer;
        Node = node;
        OutputIndex = outputIndex;
    }

    /// <summary>The shape; images are (batch, height, width, channels) with an unknown batch.</summary>
    public Shape Shape { get; }

    /// <summary>The element type: always <c>float32</c>.</summary>
    public string DType { get; } = "float32";

    /// <summary>The op that makes this tensor. Two symbols with one producer are the same tensor.</summary>
    public OpNode Producer { get; }

    /// <summary>The application of a layer that made this symbol; <see langword="null"/> inside a layer's Call.</summary>
    public Node? Node { get; private set; }

    /// <summary>Which of the outputs of <see cref="Node"/> this is.</summary>
    public int OutputIndex { get; private set; }

    /// <summary>The layer that made this symbol, if it left one.</summary>
    public Layer? Layer => Node?.Layer;

    /// <summary>Marks this as output of a layer, through a second symbol if it already is one of another's.</summary>
    internal Symbol Claim(Node node, int outputIndex)
    {
        if (Node is not null || Producer.Op is ParameterOp)
        {
            return new Symbol(Shape, Producer, node, outputIndex);
        }
        Node = node;
        OutputIndex = outputIndex;
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => Layer is { } layer ? $"{layer.Name} {Shape}" : $"{Producer.Op.Name} {Shape}";
}
