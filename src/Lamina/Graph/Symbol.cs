namespace Lamina;

/// <summary>
/// A tensor that is not computed yet (Keras's KerasTensor): <c>Input(…)</c> returns it and layers are applied to it. It
/// records its shape and origin, both as layers and as ops.
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

    /// <summary>The op that computes this tensor. Two symbols with the same producer are the same tensor.</summary>
    public OpNode Producer { get; }

    /// <summary>
    /// The application of a layer that returned this symbol; <see langword="null"/> inside a layer's Call.
    /// </summary>
    public Node? Node { get; private set; }

    /// <summary>The index of this symbol among the outputs of <see cref="Node"/>.</summary>
    public int OutputIndex { get; private set; }

    /// <summary>The layer that returned this symbol; <see langword="null"/> inside a layer's Call.</summary>
    public Layer? Layer => Node?.Layer;

    /// <summary>Marks this symbol as a layer's output. A symbol that belongs to another layer is duplicated.</summary>
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
