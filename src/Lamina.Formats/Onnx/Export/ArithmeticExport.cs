namespace Lamina;

/// <summary>Exports sums, products, constants per channel, and means.</summary>
internal static class ArithmeticExport
{
    public static void EmitMerge(string operation, OpNode node, ExportContext context)
    {
        (AxisOrder order, string[] names) = Aligned(node, context);
        string sum = names[0];
        for (int i = 1; i < names.Length - 1; i++)
        {
            sum = context.Step(node, operation, [sum, names[i]]);
        }
        string value =
            names.Length == 1
                ? sum
                : context.Graph.Add(
                    operation,
                    context.NodeName(node, operation),
                    context.ValueName(node),
                    [sum, names[^1]]
                );
        context[node] = new ExportedTensor(node.Shape) { [order] = value };
    }

    /// <summary>
    /// Returns the inputs of an op that broadcasts, in one order of axes: channels second only if all have the same
    /// rank, since others align at their last axis.
    /// </summary>
    public static (AxisOrder Order, string[] Names) Aligned(OpNode node, ExportContext context)
    {
        ExportedTensor[] tensors = [.. node.Inputs.Select((_, i) => context.Tensor(node, i))];
        bool mayBeFirst =
            node.Shape.Rank >= 3 && tensors.All(t => t.Shape.Rank is 0 || t.Shape.Rank == node.Shape.Rank);
        AxisOrder order =
            mayBeFirst && tensors.Any(t => t.Shape.Rank > 0 && t.Made == AxisOrder.First)
                ? AxisOrder.First
                : AxisOrder.Last;
        return (order, [.. tensors.Select(t => context.Name(t, order))]);
    }

    public static void Emit(RescaleOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        bool isUniform = op.Scale.Count == 1 && op.Offset.Count == 1;
        AxisOrder order = isUniform || x.FlatOf is null ? x.Made : AxisOrder.Last;
        string value = context.Name(x, order);
        bool scales = op.Scale.Any(s => s != 1);
        bool shifts = op.Offset.Any(o => o != 0);
        if (scales)
        {
            string scale = Constant("scale", op.Scale);
            if (!shifts)
            {
                Finish("Mul", scale);
                return;
            }
            value = context.Step(node, "Mul", [value, scale]);
        }
        if (shifts)
        {
            Finish("Add", Constant("offset", op.Offset));
            return;
        }
        context[node] = x;

        void Finish(string operation, string constant)
        {
            if (isUniform)
            {
                context.Result(node, order, operation, [value, constant]);
                return;
            }
            string result = context.Graph.Add(
                operation,
                context.NodeName(node, operation),
                context.ValueName(node),
                [value, constant]
            );
            context[node] = new ExportedTensor(node.Shape) { [order] = result };
        }

        string Constant(string name, IReadOnlyList<float> values) =>
            values.Count == 1
                ? context.Constant(node, name, [values[0]])
                : context.Constant(
                    node,
                    name,
                    [.. values],
                    order == AxisOrder.First
                        ? [values.Count, .. Enumerable.Repeat(1, Math.Max(0, node.Shape.Rank - 2))]
                        : [values.Count]
                );
    }

    public static void Emit(MeanOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        int rank = x.Shape.Rank;
        bool isSpatial = rank >= 3 && op.Axes.SequenceEqual(Enumerable.Range(1, rank - 2));
        // Without its axes, a tensor has the order of the remaining ones.
        AxisOrder order = rank >= 3 && (op.KeepDims || isSpatial) ? x.Made : AxisOrder.Last;
        string value = context.Name(x, order);
        string result =
            isSpatial && op.KeepDims && order == AxisOrder.First
                ? Add("GlobalAveragePool", [])
                : Add(
                    "ReduceMean",
                    [
                        OnnxGraph.Ints("axes", [.. op.Axes.Select(a => x.Place(a, order)).Order()]),
                        OnnxGraph.Int("keepdims", op.KeepDims ? 1 : 0),
                    ]
                );
        context[node] = new ExportedTensor(node.Shape) { [order] = result };

        string Add(string operation, Onnx.AttributeProto[] attributes) =>
            context.Graph.Add(
                operation,
                context.NodeName(node, operation),
                context.ValueName(node),
                [value],
                attributes
            );
    }
}
