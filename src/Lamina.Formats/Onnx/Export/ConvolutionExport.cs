namespace Lamina;

/// <summary>Exports convolutions as Conv, with zeros around its images as its padding.</summary>
internal static class ConvolutionExport
{
    public static void Emit(ConvolutionOp op, OpNode node, ExportContext context)
    {
        (string image, Pads2 pads) = Padded(node, context, op.Pads);
        OpNode? norm = FoldedNormalization.Of(node, context);
        Shape kernel = node.Inputs[1].Shape;
        var inputs = new List<string> { image };
        if (norm is not null)
        {
            FoldedNormalization folded = new(norm);
            Weight weight = FoldedNormalization.KernelOf(node);
            inputs.Add(
                context.Values(
                    weight,
                    $"conv folded {norm.Layer}",
                    Dims(kernel),
                    v => ToOihw(folded.Kernel(weight), kernel, v)
                )
            );
            inputs.Add(context.Constant(node, "folded_bias", folded.Bias(node), kernel[3]!.Value));
        }
        else
        {
            inputs.Add(Kernel(node, context, kernel));
            if (node.Inputs.Count > 2)
            {
                inputs.Add(context.Input(node, 2, AxisOrder.Last));
            }
        }
        context.Result(
            node,
            AxisOrder.First,
            "Conv",
            inputs.ToArray(),
            OnnxGraph.Extents("dilations", op.Dilation),
            OnnxGraph.Int("group", op.Groups),
            OnnxGraph.Ints("kernel_shape", kernel[0]!.Value, kernel[1]!.Value),
            OnnxGraph.Pads(pads),
            OnnxGraph.Extents("strides", op.Strides)
        );
    }

    // Zeros before a convolution become its own padding.
    private static (string Image, Pads2 Pads) Padded(OpNode node, ExportContext context, Pads2 pads)
    {
        OpNode source = node.Inputs[0].Producer;
        while (source.Op is PadOp pad)
        {
            pads = pads.Plus(pad.Pads);
            source = source.Inputs[0].Producer;
        }
        return (
            source == node.Inputs[0].Producer
                ? context.Input(node, 0, AxisOrder.First)
                : context.Name(context[source], AxisOrder.First),
            pads
        );
    }

    private static string Kernel(OpNode node, ExportContext context, Shape kernel) =>
        node.Inputs[1].Producer.Op is ParameterOp { Weight: { } weight }
            ? context.Values(weight, "conv", Dims(kernel), v => ToOihw(weight.GetValues(), kernel, v))
            : context.Step(
                node,
                "Transpose",
                [context.Input(node, 1, AxisOrder.Last)],
                OnnxGraph.Ints("perm", 3, 2, 0, 1)
            );

    private static int[] Dims(Shape hwio) => [hwio[3]!.Value, hwio[2]!.Value, hwio[0]!.Value, hwio[1]!.Value];

    private static void ToOihw(float[] values, Shape hwio, Span<float> result)
    {
        int filters = hwio[3]!.Value;
        int channels = hwio[2]!.Value;
        int taps = hwio[0]!.Value * hwio[1]!.Value;
        for (int tap = 0; tap < taps; tap++)
        {
            for (int c = 0; c < channels; c++)
            {
                ReadOnlySpan<float> row = values.AsSpan(((tap * channels) + c) * filters, filters);
                int place = (c * taps) + tap;
                for (int f = 0; f < filters; f++)
                {
                    result[(f * channels * taps) + place] = row[f];
                }
            }
        }
    }
}

internal static class PadsArithmetic
{
    /// <summary>Adds one padding around another.</summary>
    public static Pads2 Plus(this Pads2 a, Pads2 b) =>
        new(checked(a.Top + b.Top), checked(a.Bottom + b.Bottom), checked(a.Left + b.Left), checked(a.Right + b.Right));
}
