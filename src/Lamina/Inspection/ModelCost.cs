namespace Lamina;

/// <summary>
/// The arithmetic and memory that a model requires for one input, computed from the graph alone without an engine. Only
/// the batch dimension may be unknown.
/// </summary>
/// <remarks>
/// <para>
/// Multiply-adds are counted for convolutions and dense layers, as in papers: the outputs of a convolution times its
/// window times its channels per group, including zeros of the padding. Biases, activations, pooling and normalization
/// are not counted (below 1 % in AlexNet). FLOPs are twice that; a training step takes about three times as many.
/// </para>
/// <para>
/// Activation bytes are the float32 outputs of all layers at once, which is about what a training step holds until its
/// backward pass. An activation overwrites its input and a reshape is a view, so neither counts.
/// </para>
/// </remarks>
public sealed class ModelCost
{
    private const int FloatBytes = 4;

    private ModelCost(IReadOnlyList<LayerCost> layers, long parameters) => (Layers, Parameters) = (layers, parameters);

    /// <summary>
    /// The costs of the layers, one entry per application, in the model's order; inputs are not included.
    /// </summary>
    public IReadOnlyList<LayerCost> Layers { get; }

    /// <summary>The number of elements of all weights; those of a shared layer count once.</summary>
    public long Parameters { get; }

    /// <summary>The number of multiply-adds of one forward pass.</summary>
    public long MultiplyAdds => Layers.Sum(l => l.MultiplyAdds);

    /// <summary>The number of bytes of the outputs of all layers in float32.</summary>
    public long ActivationBytes => Layers.Sum(l => l.ActivationBytes);

    /// <summary>Computes the costs of a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ShapeException">A dimension other than the batch is unknown.</exception>
    public static ModelCost Of(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.HasUnknownSizes)
        {
            throw new ShapeException(
                $"{model}: the sizes of its inputs are unknown. Use model.ForInput(shape), which is the model for one size."
            );
        }
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

    /// <summary>
    /// Returns the multiply-adds of one op for one input; 0 except for convolutions, linear maps and matrix products.
    /// </summary>
    public static long MultiplyAddsOf(OpNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Op is MatMulOp)
        {
            return checked(node.Shape.SampleCount * node.Inputs[0].Shape[^1]!.Value);
        }
        if (node.Op is ConvolutionTransposeOp)
        {
            // Each input is multiplied by the kernels of its channel, whose other dimensions index the outputs.
            Shape transposed = node.Inputs[1].Shape;
            return checked(node.Inputs[0].Shape.SampleCount * (transposed.ElementCount / transposed[^1]!.Value));
        }
        if (node.Op is not (ConvolutionOp or LinearOp))
        {
            return 0;
        }
        // Each output is a sum over a kernel whose last dimension indexes the outputs.
        Shape kernel = node.Inputs[1].Shape;
        return checked(node.Shape.SampleCount * (kernel.ElementCount / kernel[^1]!.Value));
    }

    /// <summary>Returns the bytes of an op's output for one input; 0 if it is a view or overwrites its input.</summary>
    public static long ActivationBytesOf(OpNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        bool isNew = node.Op is not (InputOp or ParameterOp or ReshapeOp or ActivationOp or SoftmaxOp);
        return isNew ? checked(node.Shape.SampleCount * FloatBytes) : 0;
    }

    // Walk from the layer's outputs back to its inputs.
    private static List<OpNode> OpsOf(Node node, HashSet<OpNode> seen)
    {
        HashSet<OpNode> given = [.. node.Inputs.Select(i => i.Producer)];
        List<OpNode> ops = [];
        Stack<OpNode> open = new(node.Outputs.Select(o => o.Producer));
        while (open.TryPop(out OpNode? op))
        {
            if (!given.Contains(op) && op.Op is not (InputOp or ParameterOp) && seen.Add(op))
            {
                if (op.Op is PhaseOp)
                {
                    open.Push(op.Inputs[PhaseOp.Inference].Producer);
                    continue;
                }
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

/// <summary>
/// The cost of one application of a layer for one input; see <see cref="ModelCost"/> for the definitions.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Output">The shape of its output.</param>
/// <param name="Parameters">The number of elements of its weights.</param>
/// <param name="MultiplyAdds">The number of multiply-adds of one forward pass.</param>
/// <param name="ActivationBytes">The number of bytes of its outputs in float32.</param>
public sealed record LayerCost(Layer Layer, Shape Output, long Parameters, long MultiplyAdds, long ActivationBytes);
