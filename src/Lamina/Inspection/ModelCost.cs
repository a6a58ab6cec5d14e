namespace Lamina;

/// <summary>
/// What a model costs for one input: its arithmetic and its memory, from the graph alone (no engine is loaded). Sizes that
/// the graph leaves open, beside the batch, are refused.
/// </summary>
/// <remarks>
/// <para>Multiply-adds are those of convolutions and dense layers, as papers count them: a convolution's outputs times its
/// window times its channels a group, zeros of the padding included; biases, activations, pooling and normalisation are
/// left out (in AlexNet below 1 %). Twice that is FLOPs; a training step takes about three times as many.</para>
/// <para>Activation bytes are the float32 outputs of all layers at once, about what a training step holds until its
/// backward: an activation is written over what it follows, and a reshape is a view, so neither counts.</para>
/// </remarks>
public sealed class ModelCost
{
    private const int FloatBytes = 4;

    private ModelCost(IReadOnlyList<LayerCost> layers, long parameters) => (Layers, Parameters) = (layers, parameters);

    /// <summary>The layers' costs, one for each application of a layer, in the model's order; inputs are left out.</summary>
    public IReadOnlyList<LayerCost> Layers { get; }

    /// <summary>The number of weights' elements; a shared layer's count once.</summary>
    public long Parameters { get; }

    /// <summary>Multiply-adds of one forward.</summary>
    public long MultiplyAdds => Layers.Sum(l => l.MultiplyAdds);

    /// <summary>Bytes of the outputs of all layers in float32.</summary>
    public long ActivationBytes => Layers.Sum(l => l.ActivationBytes);

    /// <summary>Counts.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ShapeException">A dimension beside the batch is unknown.</exception>
    public static ModelCost Of(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var seen = new HashSet<OpNode>();
        List<LayerCost> layers = [];
        foreach (Node node in model.Nodes.Where(n => n.Layer is not InputLayer))
        {
            IReadOnlyList<OpNode> ops = OpsOf(node, seen);
            layers.Add(
                new LayerCost(
                    node.Layer,
                    node.Outputs[0].Shape,
                    node.Layer.CountParams(),
                    ops.Sum(MultiplyAddsOf),
                    ops.Sum(ActivationBytesOf)
                )
            );
        }
        return new ModelCost(layers, model.CountParams());
    }

    /// <summary>The multiply-adds of one op for one input; 0 for all but convolutions, linear maps and matrix products.</summary>
    public static long MultiplyAddsOf(OpNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Op is MatMulOp)
        {
            return checked(node.Shape.SampleCount * node.Inputs[0].Shape[^1]!.Value);
        }
        if (node.Op is not (ConvolutionOp or LinearOp))
        {
            return 0;
        }
        // Each output is a sum over a kernel of which the last dimension is the outputs' own.
        Shape kernel = node.Inputs[1].Shape;
        return checked(node.Shape.SampleCount * (kernel.ElementCount / kernel[^1]!.Value));
    }

    /// <summary>The bytes of an op's output for one input; 0 where it is a view, or written over what it follows.</summary>
    public static long ActivationBytesOf(OpNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        bool isNew = node.Op is not (InputOp or ParameterOp or ReshapeOp or ActivationOp or SoftmaxOp);
        return isNew ? checked(node.Shape.SampleCount * FloatBytes) : 0;
    }

    // From what a layer made back to what it was given.
    private static List<OpNode> OpsOf(Node node, HashSet<OpNode> seen)
    {
        HashSet<OpNode> given = [.. node.Inputs.Select(i => i.Producer)];
        List<OpNode> ops = [];
        Stack<OpNode> open = new(node.Outputs.Select(o => o.Producer));
        while (open.TryPop(out OpNode? op))
        {
            if (!given.Contains(op) && op.Op is not (InputOp or ParameterOp) && seen.Add(op))
            {
                ops.Add(op);
                foreach (Symbol input in op.Inputs)
                {
                    open.Push(input.Producer);
                }
            }
        }
        return ops;
    }
}

/// <summary>What one application of a layer costs for one input; <see cref="ModelCost"/> says how it is counted.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">Its output's shape.</param>
/// <param name="Parameters">Its weights' elements.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward.</param>
/// <param name="ActivationBytes">Bytes of its outputs in float32.</param>
public sealed record LayerCost(Layer Layer, Shape Output, long Parameters, long MultiplyAdds, long ActivationBytes);
