namespace Lamina.Torch.Tests.References;

/// <summary>The ops that only move elements, index by index.</summary>
internal static class LayoutReference
{
    public static Array64 Reshape(ReshapeOp op, Array64 x) => new([x.Sizes[0], .. op.Sample.ToArray()], [.. x.Values]);

    public static Array64 Transpose(TransposeOp op, Array64 x)
    {
        int[] order = op.Permutation.Contains(0) ? [.. op.Permutation] : [0, .. op.Permutation];
        var y = new Array64([.. order.Select(d => x.Sizes[d])]);
        foreach (int[] at in x.Indices())
        {
            y[[.. order.Select(d => at[d])]] = x[at];
        }
        return y;
    }

    public static Array64 Pad(PadOp op, Array64 x)
    {
        var y = new Array64(
            x.Sizes[0],
            x.Sizes[1] + op.Pads.Top + op.Pads.Bottom,
            x.Sizes[2] + op.Pads.Left + op.Pads.Right,
            x.Sizes[3]
        );
        foreach (int[] at in x.Indices())
        {
            y[at[0], at[1] + op.Pads.Top, at[2] + op.Pads.Left, at[3]] = x[at];
        }
        return y;
    }

    public static Array64 Concat(ConcatOp op, IReadOnlyList<Array64> inputs)
    {
        int[] sizes = [.. inputs[0].Sizes];
        sizes[op.Axis] = inputs.Sum(x => x.Sizes[op.Axis]);
        var y = new Array64(sizes);
        int start = 0;
        foreach (Array64 x in inputs)
        {
            foreach (int[] at in x.Indices())
            {
                y[[.. at.Select((i, d) => d == op.Axis ? i + start : i)]] = x[at];
            }
            start += x.Sizes[op.Axis];
        }
        return y;
    }

    public static Array64 Slice(SliceOp op, Array64 x)
    {
        var y = new Array64([.. x.Sizes.Select((size, d) => d == op.Axis ? op.Count : size)]);
        foreach (int[] at in y.Indices())
        {
            y[at] = x[[.. at.Select((i, d) => d == op.Axis ? i + op.Start : i)]];
        }
        return y;
    }
}
