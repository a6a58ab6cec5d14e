namespace Lamina;

/// <summary>One application of an <see cref="Op"/>, with its inputs and output.</summary>
public sealed class OpNode
{
    private OpNode(Op op, Symbol[] inputs, Layer? layer)
    {
        Op = op;
        Inputs = inputs;
        Layer = layer;
    }

    /// <summary>The op.</summary>
    public Op Op { get; }

    /// <summary>The inputs of the op, including parameters.</summary>
    public IReadOnlyList<Symbol> Inputs { get; }

    /// <summary>The layer whose <see cref="Layer.Call"/> recorded this; <see langword="null"/> for inputs and weights.</summary>
    public Layer? Layer { get; }

    /// <summary>The symbol that the op computes.</summary>
    public Symbol Output { get; private set; } = null!;

    /// <summary>The shape of the op's output.</summary>
    public Shape Shape => Output.Shape;

    internal static Symbol Record(Op op, ReadOnlySpan<Symbol> inputs)
    {
        if (Layer.Current is null && Operation.IsNode(inputs))
        {
            return Operation.Apply(op, inputs);
        }
        var shapes = new Shape[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(inputs[i]);
            shapes[i] = inputs[i].Shape;
        }
        var node = new OpNode(op, inputs.ToArray(), Layer.Current);
        node.Output = new Symbol(op.InferShape(shapes), node);
        return node.Output;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Op.Name} → {Shape}";
}
