namespace Lamina;

/// <summary>
/// Exports dense layers as Gemm. After a flattened image, the kernel's rows are in the order of the image in the file.
/// </summary>
internal static class LinearExport
{
    public static void Emit(OpNode node, ExportContext context)
    {
        ExportedTensor x = context.Tensor(node, 0);
        bool isFlat = x is { FlatOf: not null, Made: AxisOrder.First } && node.Inputs[1].Producer.Op is ParameterOp;
        OpNode? norm = FoldedNormalization.Of(node, context);
        FoldedNormalization? folded = norm is null ? null : new FoldedNormalization(norm);
        string kernel = Kernel(node, context, isFlat ? x.FlatOf!.Shape : null, folded, norm);
        string? bias =
            folded is not null ? context.Constant(node, "folded_bias", folded.Bias(node), node.Shape[^1]!.Value)
            : node.Inputs.Count > 2 ? context.Input(node, 2, AxisOrder.Last)
            : null;
        if (x.Shape.Rank == 2)
        {
            string input = context.Name(x, isFlat ? AxisOrder.First : AxisOrder.Last);
            string gemm = context.Gemm(node, bias is null ? [input, kernel] : [input, kernel, bias]);
            context[node] = new ExportedTensor(node.Shape) { [AxisOrder.Last] = gemm };
            return;
        }
        string[] factors = [context.Name(x, AxisOrder.Last), kernel];
        if (bias is null)
        {
            context.Result(node, AxisOrder.Last, "MatMul", factors);
        }
        else
        {
            context.Result(node, AxisOrder.Last, "Add", [context.Step(node, "MatMul", factors), bias]);
        }
    }

    private static string Kernel(
        OpNode node,
        ExportContext context,
        Shape? image,
        FoldedNormalization? folded,
        OpNode? norm
    )
    {
        if (node.Inputs[1].Producer.Op is not ParameterOp { Weight: { } weight })
        {
            return context.Input(node, 1, AxisOrder.Last);
        }
        if (image is null && folded is null)
        {
            return context.Values(weight);
        }
        string arrangement = $"rows {image} {norm?.Layer}";
        return context.Values(
            weight,
            arrangement,
            weight.Shape.ToArray(),
            result =>
            {
                float[] values = folded?.Kernel(weight) ?? weight.GetValues();
                if (image is { } shape)
                {
                    ToChannelsFirst(values, shape, result);
                }
                else
                {
                    values.CopyTo(result);
                }
            }
        );
    }

    // Row (h, w, c) goes to (c, h, w).
    private static void ToChannelsFirst(ReadOnlySpan<float> values, Shape image, Span<float> result)
    {
        int channels = image[^1]!.Value;
        int pixels = checked((int)(image.SampleCount / channels));
        int units = values.Length / (channels * pixels);
        for (int p = 0; p < pixels; p++)
        {
            for (int c = 0; c < channels; c++)
            {
                values
                    .Slice(((p * channels) + c) * units, units)
                    .CopyTo(result.Slice(((c * pixels) + p) * units, units));
            }
        }
    }
}
