using Onnx;

namespace Lamina;

/// <summary>Exports activations and softmax.</summary>
internal static class ActivationExport
{
    public static void Emit(ActivationOp op, OpNode node, ExportContext context)
    {
        AxisOrder order = context.Tensor(node, 0).Made;
        string x = context.Input(node, 0, order);
        switch (op.Kind)
        {
            case ActivationKind.Relu6:
                string[] bounds = [context.Constant(node, "min", [0f]), context.Constant(node, "max", [6f])];
                context.Result(node, order, "Clip", [x, .. bounds]);
                break;
            case ActivationKind.Silu:
                context.Result(node, order, "Mul", [x, context.Step(node, "Sigmoid", [x])]);
                break;
            case ActivationKind.Gelu:
                Gelu(node, context, order, x);
                break;
            default:
                (string operation, AttributeProto[] attributes) = Operator(op);
                context.Result(node, order, operation, [x], attributes);
                break;
        }
    }

    public static void Emit(SoftmaxOp _, OpNode node, ExportContext context)
    {
        AxisOrder order = context.Tensor(node, 0).Made;
        int axis = context.Tensor(node, 0).Place(node.Shape.Rank - 1, order);
        context.Result(node, order, "Softmax", [context.Input(node, 0, order)], OnnxGraph.Int("axis", axis));
    }

    private static (string Operation, AttributeProto[] Attributes) Operator(ActivationOp op) =>
        op.Kind switch
        {
            ActivationKind.Relu => ("Relu", []),
            ActivationKind.LeakyRelu => ("LeakyRelu", [OnnxGraph.Real("alpha", op.Alpha)]),
            ActivationKind.Elu => ("Elu", [OnnxGraph.Real("alpha", op.Alpha)]),
            ActivationKind.Selu => ("Selu", []),
            ActivationKind.Sigmoid => ("Sigmoid", []),
            ActivationKind.Tanh => ("Tanh", []),
            ActivationKind.Softplus => ("Softplus", []),
            ActivationKind.Softsign => ("Softsign", []),
            ActivationKind.HardSigmoid => ("HardSigmoid", [OnnxGraph.Real("alpha", 0.2), OnnxGraph.Real("beta", 0.5)]),
            ActivationKind.Exponential => ("Exp", []),
            _ => throw new LaminaException($"The activation {op.Kind} cannot be exported to ONNX."),
        };

    // Opset 17 has no Gelu: x · (1 + erf(x / √2)) / 2, as PyTorch writes it.
    private static void Gelu(OpNode node, ExportContext context, AxisOrder order, string x)
    {
        string scaled = context.Step(node, "Div", [x, context.Constant(node, "sqrt_2", [MathF.Sqrt(2)])]);
        string erf = context.Step(node, "Erf", [scaled]);
        string sum = context.Step(node, "Add", [erf, context.Constant(node, "one", [1f])]);
        string product = context.Step(node, "Mul", [x, sum]);
        context.Result(node, order, "Mul", [product, context.Constant(node, "half", [0.5f])]);
    }
}
