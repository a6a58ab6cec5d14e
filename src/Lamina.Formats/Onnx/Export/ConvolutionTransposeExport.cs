namespace Lamina;

/// <summary>Exports transposed convolutions as ConvTranspose.</summary>
internal static class ConvolutionTransposeExport
{
    public static void Emit(ConvolutionTransposeOp op, OpNode node, ExportContext context)
    {
        Shape kernel = node.Inputs[1].Shape;
        List<string> inputs = [context.Input(node, 0, AxisOrder.First), Kernel(node, context, kernel)];
        if (node.Inputs.Count > 2)
        {
            inputs.Add(context.Input(node, 2, AxisOrder.Last));
        }
        Pads2 cut = op.Crops with { Bottom = Math.Max(0, op.Crops.Bottom), Right = Math.Max(0, op.Crops.Right) };
        context.Result(
            node,
            AxisOrder.First,
            "ConvTranspose",
            inputs.ToArray(),
            OnnxGraph.Extents("dilations", op.Dilation),
            OnnxGraph.Ints("kernel_shape", kernel[0]!.Value, kernel[1]!.Value),
            OnnxGraph.Ints("output_padding", Math.Max(0, -op.Crops.Bottom), Math.Max(0, -op.Crops.Right)),
            OnnxGraph.Pads(cut),
            OnnxGraph.Extents("strides", op.Strides)
        );
    }

    // From (kh, kw, filters, C) to (C, filters, kh, kw).
    private static string Kernel(OpNode node, ExportContext context, Shape kernel)
    {
        if (node.Inputs[1].Producer.Op is not ParameterOp { Weight: { } weight })
        {
            return context.Step(
                node,
                "Transpose",
                [context.Input(node, 1, AxisOrder.Last)],
                OnnxGraph.Ints("perm", 3, 2, 0, 1)
            );
        }
        int[] dims = [kernel[3]!.Value, kernel[2]!.Value, kernel[0]!.Value, kernel[1]!.Value];
        return context.Values(weight, "conv transpose", dims, values => Fill(weight.GetValues(), dims, values));
    }

    private static void Fill(float[] source, int[] dims, Span<float> result)
    {
        (int channels, int filters, int taps) = (dims[0], dims[1], dims[2] * dims[3]);
        for (int i = 0; i < source.Length; i++)
        {
            (int rest, int c) = Math.DivRem(i, channels);
            (int tap, int f) = Math.DivRem(rest, filters);
            result[(((c * filters) + f) * taps) + tap] = source[i];
        }
    }
}
