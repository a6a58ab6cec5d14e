namespace Lamina;

/// <summary>Exports ops that move elements: reshape, transpose, pad, concat, slice.</summary>
internal static class LayoutExport
{
    public static void Emit(ReshapeOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        if (x.Shape.Sample == op.Sample)
        {
            context[node] = x;
            return;
        }
        if (op.Sample.Rank != 1 || x.Shape.Rank < 3)
        {
            long[] dims = [0, .. op.Sample.Select(d => (long)d!.Value)];
            Made(
                new ExportedTensor(node.Shape),
                AxisOrder.Last,
                "Reshape",
                [context.Name(x, AxisOrder.Last), context.Whole(node, "shape", dims)]
            );
            return;
        }
        // With one channel or one pixel, both orders are equal.
        bool isOneOrder = x.Shape[^1] == 1 || x.Shape.SampleCount == x.Shape[^1];
        Made(
            new ExportedTensor(node.Shape) { FlatOf = isOneOrder ? null : x },
            x.Made,
            "Flatten",
            [context.Name(x, x.Made)],
            OnnxGraph.Int("axis", 1)
        );

        void Made(
            ExportedTensor tensor,
            AxisOrder order,
            string operation,
            string[] inputs,
            params Onnx.AttributeProto[] attributes
        )
        {
            tensor[order] = context.Graph.Add(
                operation,
                context.NodeName(node, operation),
                context.ValueName(node),
                inputs,
                attributes
            );
            context[node] = tensor;
        }
    }

    public static void Emit(TransposeOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        int[] permutation = [.. op.Order];
        string value = context.Graph.Transpose(
            context.Name(x, x.Made),
            node.Layer?.Name ?? "transpose",
            [.. permutation.Select(a => x.Place(a, x.Made))]
        );
        context[node] = new ExportedTensor(node.Shape) { [AxisOrder.Last] = value };
    }

    public static void Emit(PadOp op, OpNode node, ExportContext context)
    {
        Pads2 p = op.Pads;
        string pads = context.Whole(node, "pads", 0, 0, p.Top, p.Left, 0, 0, p.Bottom, p.Right);
        context.Result(node, AxisOrder.First, "Pad", [context.Input(node, 0, AxisOrder.First), pads]);
    }

    public static void Emit(ConcatOp op, OpNode node, ExportContext context)
    {
        ExportedTensor[] tensors = [.. node.Inputs.Select((_, i) => context.Tensor(node, i))];
        AxisOrder order =
            node.Shape.Rank >= 3 && tensors.Any(t => t.Made == AxisOrder.First) ? AxisOrder.First : AxisOrder.Last;
        string value = context.Graph.Add(
            "Concat",
            context.NodeName(node, "Concat"),
            context.ValueName(node),
            [.. tensors.Select(t => context.Name(t, order))],
            OnnxGraph.Int("axis", tensors[0].Place(op.Axis, order))
        );
        context[node] = new ExportedTensor(node.Shape) { [order] = value };
    }

    public static void Emit(SliceOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        AxisOrder order = x.Shape.Rank >= 3 ? x.Made : AxisOrder.Last;
        string value = context.Graph.Add(
            "Slice",
            context.NodeName(node, "Slice"),
            context.ValueName(node),
            [
                context.Name(x, order),
                context.Whole(node, "starts", op.Start),
                context.Whole(node, "ends", op.Start + op.Count),
                context.Whole(node, "axes", x.Place(op.Axis, order)),
            ]
        );
        context[node] = new ExportedTensor(node.Shape) { [order] = value };
    }
}
