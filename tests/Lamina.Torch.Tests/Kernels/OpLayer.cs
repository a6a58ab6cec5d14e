namespace Lamina.Torch.Tests.Kernels;

/// <summary>A layer that is one op, with as many weights as the op's last inputs: what a plan would see of it.</summary>
internal sealed class OpLayer(Op op, IReadOnlyList<Shape> weights) : Layer(null)
{
    protected override (int Min, int Max) InputCount => (0, int.MaxValue);

    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        for (int i = 0; i < weights.Count; i++)
        {
            AddWeight($"weight{i}", weights[i], "zeros");
        }
    }

    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => OpNode.Record(op, [.. inputs, .. OwnSymbols]);

    private IEnumerable<Symbol> OwnSymbols => Weights.Select(w => w.Symbol);

    /// <summary>The op's node over inputs of these sizes, of which the last are weights.</summary>
    public static OpNode Node(Op op, IReadOnlyList<int[]> sizes, int weights, bool trainable)
    {
        int data = sizes.Count - weights;
        var layer = new OpLayer(op, [.. sizes.Skip(data).Select(s => Shape.Of(s))]) { Trainable = trainable };
        return layer.Apply([.. sizes.Take(data).Select(s => Layers.Input(Shape.Of(s.AsSpan(1))))]).Producer;
    }
}
