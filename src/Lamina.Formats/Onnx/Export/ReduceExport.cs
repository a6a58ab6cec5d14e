using Onnx;

namespace Lamina;

/// <summary>
/// Exports ops along whole axes: reductions, argmax, one-hot, matrix products. In Lamina's own order.
/// </summary>
internal static class ReduceExport
{
    public static void Emit(ReduceOp op, OpNode node, ExportContext context)
    {
        string x = context.Input(node, 0, AxisOrder.Last);
        AttributeProto keep = OnnxGraph.Int("keepdims", op.KeepDims ? 1 : 0);
        if (op.Kind == ReduceKind.Sum)
        {
            string axes = context.Whole(node, "axes", [.. op.Axes.Select(a => (long)a)]);
            Finish(node, context, "ReduceSum", [x, axes], keep);
            return;
        }
        string operation = op.Kind switch
        {
            ReduceKind.Max => "ReduceMax",
            ReduceKind.Min => "ReduceMin",
            ReduceKind.LogSumExp => "ReduceLogSumExp",
            _ => throw new LaminaException($"The reduction {op.Kind} cannot be exported to ONNX."),
        };
        Finish(node, context, operation, [x], OnnxGraph.Ints("axes", [.. op.Axes]), keep);
    }

    public static void Emit(ArgMaxOp op, OpNode node, ExportContext context)
    {
        string place = context.Step(
            node,
            "ArgMax",
            [context.Input(node, 0, AxisOrder.Last)],
            OnnxGraph.Int("axis", op.Axis),
            OnnxGraph.Int("keepdims", 0)
        );
        ElementwiseExport.EmitMask(node, context, AxisOrder.Last, place);
    }

    // ONNX's OneHot counts negative indices from the end; a comparison turns them into rows of zeros, as in Lamina.
    public static void Emit(OneHotOp op, OpNode node, ExportContext context)
    {
        string column = context.Step(
            node,
            "Unsqueeze",
            [context.Input(node, 0, AxisOrder.Last), context.Whole(node, "axes", node.Shape.Rank - 1)]
        );
        float[] classes = [.. Enumerable.Range(0, op.Classes).Select(c => (float)c)];
        string mask = context.Step(node, "Equal", [column, context.Constant(node, "classes", classes, op.Classes)]);
        ElementwiseExport.EmitMask(node, context, AxisOrder.Last, mask);
    }

    public static void EmitProduct(OpNode node, ExportContext context) =>
        Finish(
            node,
            context,
            "MatMul",
            [context.Input(node, 0, AxisOrder.Last), context.Input(node, 1, AxisOrder.Last)]
        );

    public static void EmitLogSoftmax(OpNode node, ExportContext context) =>
        Finish(node, context, "LogSoftmax", [context.Input(node, 0, AxisOrder.Last)], OnnxGraph.Int("axis", -1));

    private static void Finish(
        OpNode node,
        ExportContext context,
        string operation,
        string[] inputs,
        params AttributeProto[] attributes
    )
    {
        string value = context.Graph.Add(
            operation,
            context.NodeName(node, operation),
            context.ValueName(node),
            inputs,
            attributes
        );
        context[node] = new ExportedTensor(node.Shape) { [AxisOrder.Last] = value };
    }
}
