namespace Lamina;

/// <summary>Exports normalization as BatchNormalization and LRN, both in inference.</summary>
internal static class NormalizationExport
{
    public static void Emit(BatchNormalizationOp op, OpNode node, ExportContext context)
    {
        OpNode source = node.Inputs[0].Producer;
        if (FoldedNormalization.Of(source, context) == node && source.Op is ConvolutionOp or LinearOp)
        {
            context[node] = context[source];
            return;
        }
        int channels = node.Shape[^1]!.Value;
        int next = 3;
        string scale = op.HasScale ? context.Input(node, next++, AxisOrder.Last) : Filled("gamma", 1);
        string shift = op.HasCenter ? context.Input(node, next, AxisOrder.Last) : Filled("beta", 0);
        // A flattened image's statistics are in Lamina's order.
        AxisOrder order = node.Shape.Rank == 2 ? AxisOrder.Last : AxisOrder.First;
        string value = context.Graph.Add(
            "BatchNormalization",
            context.NodeName(node, "BatchNormalization"),
            context.ValueName(node),
            [
                context.Input(node, 0, order),
                scale,
                shift,
                context.Input(node, 1, AxisOrder.Last),
                context.Input(node, 2, AxisOrder.Last),
            ],
            OnnxGraph.Real("epsilon", op.Epsilon),
            OnnxGraph.Real("momentum", op.Momentum)
        );
        context[node] = new ExportedTensor(node.Shape) { [order] = value };

        string Filled(string name, float filler) =>
            context.Constant(node, name, [.. Enumerable.Repeat(filler, channels)], channels);
    }

    // ONNX divides alpha by the number of channels summed, as Caffe and PyTorch do.
    public static void Emit(LocalResponseNormalizationOp op, OpNode node, ExportContext context) =>
        context.Result(
            node,
            AxisOrder.First,
            "LRN",
            [context.Input(node, 0, AxisOrder.First)],
            OnnxGraph.Real("alpha", op.Alpha * op.Size),
            OnnxGraph.Real("beta", op.Beta),
            OnnxGraph.Real("bias", op.K),
            OnnxGraph.Int("size", op.Size)
        );
}
