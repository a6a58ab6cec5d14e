namespace Lamina;

/// <summary>Exports reads between pixels as GridSample, and random values as their mean.</summary>
internal static class SampleExport
{
    public static void Emit(SampleOp op, OpNode node, ExportContext context)
    {
        Shape x = node.Inputs[0].Shape;
        (float height, float width) = (x[1]!.Value, x[2]!.Value);
        // ONNX counts from -1 to 1 between the edges of the image, columns first.
        string scale = context.Constant(node, "scale", [2 / height, 2 / width], 2);
        string shift = context.Constant(node, "shift", [(1 / height) - 1, (1 / width) - 1], 2);
        string scaled = context.Step(node, "Mul", [context.Input(node, 1, AxisOrder.Last), scale]);
        string shifted = context.Step(node, "Add", [scaled, shift]);
        string grid = context.Step(
            node,
            "Gather",
            [shifted, context.Whole(node, "columns_first", 1, 0)],
            OnnxGraph.Int("axis", 3)
        );
        string image = context.Input(node, 0, AxisOrder.First);
        bool hasValue = op.Fill == FillMode.Constant && op.FillValue != 0;
        string value = context.Constant(node, "fill", [(float)op.FillValue]);
        string[] inputs = [hasValue ? context.Step(node, "Sub", [image, value]) : image, grid];
        Onnx.AttributeProto[] attributes =
        [
            OnnxGraph.Text("mode", op.IsNearest ? "nearest" : "bilinear"),
            OnnxGraph.Text("padding_mode", Mode(op.Fill)),
            OnnxGraph.Int("align_corners", 0),
        ];
        if (hasValue)
        {
            context.Result(node, AxisOrder.First, "Add", [context.Step(node, "GridSample", inputs, attributes), value]);
            return;
        }
        context.Result(node, AxisOrder.First, "GridSample", inputs, attributes);
    }

    public static void Emit(RandomOp op, OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        string batch = context.Step(
            node,
            "Shape",
            [context.Name(x, x.Made)],
            OnnxGraph.Int("start", 0),
            OnnxGraph.Int("end", 1)
        );
        string dims = context.Step(
            node,
            "Concat",
            [batch, context.Whole(node, "sample", [.. op.Sample.Select(d => (long)d!.Value)])],
            OnnxGraph.Int("axis", 0)
        );
        string mean = context.Constant(node, "mean", [(float)op.Mean], 1);
        context[node] = new ExportedTensor(node.Shape)
        {
            [AxisOrder.Last] = context.Graph.Add(
                "Expand",
                context.NodeName(node, "Expand"),
                context.ValueName(node),
                [mean, dims]
            ),
        };
    }

    private static string Mode(FillMode fill) =>
        fill switch
        {
            FillMode.Constant => "zeros",
            FillMode.Nearest => "border",
            FillMode.Reflect => "reflection",
            _ => throw new LaminaException($"The fill mode {fill} cannot be exported to ONNX."),
        };
}
