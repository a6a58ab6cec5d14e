using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>
/// Operators that change the dimensions or order of a weight, as CNTK and unoptimized exports contain them. Weights
/// stay in the file: a transposed one is transposed each time that it is read.
/// </summary>
internal static class FoldedWeights
{
    /// <summary>
    /// Reads a node whose first input is a constant that is too large, or of an unsupported type, to compute with.
    /// </summary>
    /// <returns><see langword="false"/> if it is not such a node.</returns>
    public static bool TryRead(ImportedNode node, ImportContext context)
    {
        bool isKnown = node.Operator is "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Transpose";
        if (
            !isKnown
            || node.Outputs.Count != 1
            || !node.Has(0)
            || node.Input(0).Constant is not { IsReal: true } weight
        )
        {
            return false;
        }
        var folded = new FoldedNode(
            node,
            [.. node.Inputs.Select((_, i) => i > 0 && node.Has(i) ? FoldedTensor.From(node.Input(i)) : null)]
        );
        long[] dims = [.. weight.Dims];
        OnnxTensor result = node.Operator switch
        {
            "Reshape" => weight.Reshaped(FoldedLayout.Reshaped(folded, dims)),
            "Squeeze" => weight.Reshaped(FoldedLayout.Squeezed(folded, dims)),
            "Unsqueeze" => weight.Reshaped(FoldedLayout.Unsqueezed(folded, dims)),
            "Flatten" => weight.Reshaped(Flattened(folded, dims)),
            _ => Transposed(folded, weight, FoldedLayout.Order(folded, dims.Length)),
        };
        context.Set(node.Outputs[0], ImportedValue.Of(result));
        return true;
    }

    private static long[] Flattened(FoldedNode node, long[] dims)
    {
        long given = node.Node.Int("axis", 1);
        int axis = given == dims.Length ? dims.Length : node.Axis(given, dims.Length);
        return [FoldedShapes.Product(dims.AsSpan(0, axis)), FoldedShapes.Product(dims.AsSpan(axis))];
    }

    private static OnnxTensor Transposed(FoldedNode node, OnnxTensor weight, int[] order)
    {
        int rank = order.Length;
        if (rank > FoldedShapes.MostDimensions)
        {
            throw node.Error($"has {rank} dimensions");
        }
        long[] dims = [.. order.Select(a => weight.Dims[a])];
        // For each of the weight's dimensions, the distance of neighbors in the result.
        var strides = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            strides[order[i]] = FoldedShapes.Product(dims.AsSpan(i + 1));
        }
        return weight.Computed(dims, () => Turned(weight, strides));
    }

    private static byte[] Turned(OnnxTensor weight, long[] strides)
    {
        var result = new byte[weight.Count * sizeof(float)];
        Span<float> turned = MemoryMarshal.Cast<byte, float>(result.AsSpan());
        var values = new OnnxValues(weight);
        var block = new float[Math.Min(weight.Count, 1 << 14)];
        var index = new long[strides.Length];
        long at = 0;
        for (int i = 0; i < turned.Length; i++)
        {
            int next = i % block.Length;
            if (next == 0)
            {
                values.Read(block.AsSpan(0, Math.Min(block.Length, turned.Length - i)));
            }
            turned[(int)at] = block[next];
            for (int d = strides.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < weight.Dims[d])
                {
                    break;
                }
                at -= strides[d] * weight.Dims[d];
                index[d] = 0;
            }
        }
        return result;
    }
}
