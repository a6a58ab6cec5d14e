namespace Lamina;

/// <summary>
/// Exports pooling as MaxPool and AveragePool, and adaptive windows as two products if they are unequal.
/// </summary>
internal static class PoolExport
{
    public static void Emit(MaxPoolOp op, OpNode node, ExportContext context)
    {
        OpNode source = node.Inputs[0].Producer;
        Pads2 pads = op.Pads;
        // Zeros never exceed the other values of a window whose values are not negative.
        if (
            source.Op is PadOp pad
            && IsNeverNegative(source.Inputs[0].Producer)
            && pads.Plus(pad.Pads) is var sum
            && FitsIn(sum, op.Window)
        )
        {
            (pads, source) = (sum, source.Inputs[0].Producer);
        }
        context.Result(
            node,
            AxisOrder.First,
            "MaxPool",
            [context.Name(context[source], AxisOrder.First)],
            OnnxGraph.Extents("kernel_shape", op.Window),
            OnnxGraph.Pads(pads),
            OnnxGraph.Extents("strides", op.Strides)
        );
    }

    public static void Emit(AveragePoolOp op, OpNode node, ExportContext context)
    {
        OpNode source = node.Inputs[0].Producer;
        Pads2 pads = op.Pads;
        int counted = 0;
        if (source.Op is PadOp pad && pads == Pads2.None && FitsIn(pad.Pads, op.Window))
        {
            (pads, source, counted) = (pad.Pads, source.Inputs[0].Producer, 1);
        }
        context.Result(
            node,
            AxisOrder.First,
            "AveragePool",
            [context.Name(context[source], AxisOrder.First)],
            OnnxGraph.Int("count_include_pad", counted),
            OnnxGraph.Extents("kernel_shape", op.Window),
            OnnxGraph.Pads(pads),
            OnnxGraph.Extents("strides", op.Strides)
        );
    }

    public static void Emit(AdaptiveAveragePoolOp op, OpNode node, ExportContext context)
    {
        Shape x = node.Inputs[0].Shape;
        Size2 image = (x[1]!.Value, x[2]!.Value);
        if (image == op.Output)
        {
            context[node] = context.Tensor(node, 0);
            return;
        }
        string value = context.Input(node, 0, AxisOrder.First);
        if (image.Height % op.Output.Height == 0 && image.Width % op.Output.Width == 0)
        {
            Size2 window = (image.Height / op.Output.Height, image.Width / op.Output.Width);
            context.Result(
                node,
                AxisOrder.First,
                "AveragePool",
                [value],
                OnnxGraph.Extents("kernel_shape", window),
                OnnxGraph.Extents("strides", window)
            );
            return;
        }
        // The means of the rows, then of the columns: each is a product with a matrix of the windows' shares.
        string rows = context.Constant(
            node,
            "rows",
            AdaptiveWindows.Shares(image.Height, op.Output.Height),
            op.Output.Height,
            image.Height
        );
        string columns = context.Constant(
            node,
            "columns",
            AdaptiveWindows.Transposed(image.Width, op.Output.Width),
            image.Width,
            op.Output.Width
        );
        context.Result(node, AxisOrder.First, "MatMul", [rows, context.Step(node, "MatMul", [value, columns])]);
    }

    private static bool FitsIn(Pads2 pads, Size2 window) =>
        Math.Max(pads.Top, pads.Bottom) < window.Height && Math.Max(pads.Left, pads.Right) < window.Width;

    private static bool IsNeverNegative(OpNode node) =>
        node.Op switch
        {
            ActivationOp
            {
                Kind: ActivationKind.Relu
                    or ActivationKind.Relu6
                    or ActivationKind.Sigmoid
                    or ActivationKind.HardSigmoid
                    or ActivationKind.Softplus
                    or ActivationKind.Exponential
            }
            or SoftmaxOp => true,
            MaxPoolOp or AveragePoolOp or DropoutOp or LocalResponseNormalizationOp { K: > 0, Alpha: >= 0 } =>
                IsNeverNegative(node.Inputs[0].Producer),
            _ => false,
        };
}

/// <summary>The windows of <see cref="AdaptiveAveragePoolOp"/> along one axis.</summary>
internal static class AdaptiveWindows
{
    /// <summary>
    /// Returns a matrix whose row i contains the share of each of <paramref name="pixels"/> pixels in output i.
    /// </summary>
    public static float[] Shares(int pixels, int outputs)
    {
        var shares = new float[checked(outputs * pixels)];
        for (int i = 0; i < outputs; i++)
        {
            int start = (int)((long)i * pixels / outputs);
            int end = (int)((((long)(i + 1) * pixels) + outputs - 1) / outputs);
            shares.AsSpan((i * pixels) + start, end - start).Fill(1f / (end - start));
        }
        return shares;
    }

    /// <summary>Returns the transposed matrix, with one column per output.</summary>
    public static float[] Transposed(int pixels, int outputs)
    {
        float[] shares = Shares(pixels, outputs);
        var result = new float[shares.Length];
        for (int i = 0; i < outputs; i++)
        {
            for (int p = 0; p < pixels; p++)
            {
                result[(p * outputs) + i] = shares[(i * pixels) + p];
            }
        }
        return result;
    }
}
