using Onnx;

namespace Lamina;

/// <summary>Exports constants, elementwise functions of one or two tensors, and selections of elements.</summary>
internal static class ElementwiseExport
{
    public static void Emit(ConstantOp op, OpNode node, ExportContext context)
    {
        string name = context.Constant(node, op.Name, [.. op.Values], op.Shape.ToArray());
        context[node] = new ExportedTensor(op.Shape) { [AxisOrder.Last] = name };
    }

    public static void Emit(UnaryOp op, OpNode node, ExportContext context)
    {
        AxisOrder order = context.Tensor(node, 0).Made;
        string x = context.Input(node, 0, order);
        switch (op.Kind)
        {
            case UnaryKind.Square:
                context.Result(node, order, "Mul", [x, x]);
                break;
            case UnaryKind.Log1p:
                string sum = context.Step(node, "Add", [x, context.Constant(node, "one", [1f])]);
                context.Result(node, order, "Log", [sum]);
                break;
            default:
                context.Result(node, order, Operator(op.Kind), [x]);
                break;
        }
    }

    public static void Emit(ClipOp op, OpNode node, ExportContext context)
    {
        AxisOrder order = context.Tensor(node, 0).Made;
        string[] bounds =
        [
            context.Constant(node, "min", [(float)op.Min]),
            context.Constant(node, "max", [(float)op.Max]),
        ];
        context.Result(node, order, "Clip", [context.Input(node, 0, order), .. bounds]);
    }

    public static void Emit(BinaryOp op, OpNode node, ExportContext context)
    {
        (AxisOrder order, string[] inputs) = ArithmeticExport.Aligned(node, context);
        switch (op.Kind)
        {
            case BinaryKind.NotEqual:
                EmitMask(node, context, order, context.Step(node, "Not", [context.Step(node, "Equal", inputs)]));
                break;
            case >= BinaryKind.Greater:
                EmitMask(node, context, order, context.Step(node, Operator(op.Kind), inputs));
                break;
            default:
                Finish(node, context, order, Operator(op.Kind), inputs);
                break;
        }
    }

    public static void EmitWhere(OpNode node, ExportContext context)
    {
        (AxisOrder order, string[] inputs) = ArithmeticExport.Aligned(node, context);
        string isZero = context.Step(node, "Equal", [inputs[0], context.Constant(node, "zero", [0f])]);
        Finish(node, context, order, "Where", [isZero, inputs[2], inputs[1]]);
    }

    /// <summary>Sets an op's result to a mask, converted to numbers.</summary>
    public static void EmitMask(OpNode node, ExportContext context, AxisOrder order, string mask) =>
        Finish(node, context, order, "Cast", [mask], Float);

    private static AttributeProto Float => OnnxGraph.Int("to", (int)TensorProto.Types.DataType.Float);

    // Results of several inputs have no image that they were flattened from.
    private static void Finish(
        OpNode node,
        ExportContext context,
        AxisOrder order,
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
        context[node] = new ExportedTensor(node.Shape) { [order] = value };
    }

    private static string Operator(UnaryKind kind) =>
        kind switch
        {
            UnaryKind.Negative => "Neg",
            UnaryKind.Absolute => "Abs",
            UnaryKind.Exp => "Exp",
            UnaryKind.Log => "Log",
            UnaryKind.Sqrt => "Sqrt",
            UnaryKind.Sign => "Sign",
            UnaryKind.Sin => "Sin",
            UnaryKind.Cos => "Cos",
            _ => throw new LaminaException($"The function {kind} cannot be exported to ONNX."),
        };

    private static string Operator(BinaryKind kind) =>
        kind switch
        {
            BinaryKind.Subtract => "Sub",
            BinaryKind.Divide => "Div",
            BinaryKind.Power => "Pow",
            BinaryKind.Maximum => "Max",
            BinaryKind.Minimum => "Min",
            BinaryKind.Greater => "Greater",
            BinaryKind.GreaterEqual => "GreaterOrEqual",
            BinaryKind.Less => "Less",
            BinaryKind.LessEqual => "LessOrEqual",
            BinaryKind.Equal => "Equal",
            _ => throw new LaminaException($"The function {kind} cannot be exported to ONNX."),
        };
}
