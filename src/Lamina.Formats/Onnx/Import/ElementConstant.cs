namespace Lamina;

/// <summary>
/// A constant with a number for each pixel, such as the mean image that CNTK's and MXNet's preprocessing subtracts.
/// Lamina's Rescaling supports one per channel, so the value becomes a vector for this operation.
/// </summary>
internal static class ElementConstant
{
    /// <summary>
    /// Returns <see langword="true"/> if a constant differs along more than one dimension of the samples.
    /// </summary>
    public static bool Is(OnnxTensor constant, ImportedValue x) =>
        constant.IsReal
        && x.Flat is null
        && constant.Dims.Count <= x.Rank
        && constant.Dims.Count(d => d != 1) > 1
        && Enumerable
            .Range(0, constant.Dims.Count)
            .All(i => constant.Dims[i] == 1 || constant.Dims[i] == SizeAt(x, i + x.Rank - constant.Dims.Count));

    /// <summary>Applies x · scale + offset, both computed from the constant's number for each element.</summary>
    public static ImportedValue Rescale(
        ImportedNode node,
        ImportContext context,
        ImportedValue x,
        OnnxTensor constant,
        Func<float, (float Scale, float Offset)> affine
    )
    {
        float[] numbers = Spread(node, context, x, constant);
        (float Scale, float Offset)[] pairs = [.. numbers.Select(affine)];
        int[] sample = [.. x.Symbol.Shape.Sample.Select(d => d!.Value)];
        Symbol flat = new Reshape([numbers.Length], context.LayerName(node, "_flat")).Apply(x.Symbol);
        float[] scale = ArithmeticImport.Shortened([.. pairs.Select(p => p.Scale)]);
        float[] offset = ArithmeticImport.Shortened([.. pairs.Select(p => p.Offset)]);
        Symbol result = new Rescaling(scale, offset, context.LayerName(node)).Apply(flat);
        return x.With(new Reshape(sample, context.LayerName(node, "_shape")).Apply(result));
    }

    private static long? SizeAt(ImportedValue x, int axis) => axis == 0 ? null : x.Size(axis);

    // The number for each element of a sample, in the symbol's order.
    private static float[] Spread(ImportedNode node, ImportContext context, ImportedValue x, OnnxTensor constant)
    {
        int[] sample = [.. x.Symbol.Shape.Sample.Select(d => d!.Value)];
        long count = sample.Aggregate(1L, (n, d) => checked(n * d));
        // Memory of a scale, an offset and the layers' own copies.
        context.Charge(checked(4 * count), node);
        var values = new float[constant.Count];
        constant.Read(values);
        // For each of the symbol's dimensions after the batch, the distance of neighbors in the constant.
        var strides = new int[sample.Length];
        int stride = 1;
        for (int i = constant.Dims.Count - 1; i >= 0; i--)
        {
            if (constant.Dims[i] != 1)
            {
                strides[x.Axes[i + x.Rank - constant.Dims.Count] - 1] = stride;
            }
            stride = checked(stride * (int)constant.Dims[i]);
        }
        var result = new float[count];
        var index = new int[sample.Length];
        int at = 0;
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = values[at];
            for (int d = sample.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < sample[d])
                {
                    break;
                }
                at -= strides[d] * sample[d];
                index[d] = 0;
            }
        }
        return result;
    }
}
