namespace Lamina.Torch.Tests.References;

/// <summary>The largest, or the mean, of the pixels of the image under each window; padding is in neither.</summary>
internal static class PoolReference
{
    public static Array64 Max(MaxPoolOp op, Array64 x) =>
        Forward(x, op.Window, op.Strides, op.Pads, values => values.Max());

    public static Array64 Average(AveragePoolOp op, Array64 x) =>
        Forward(x, op.Window, op.Strides, op.Pads, values => values.Average());

    /// <summary>Window i of m over n pixels covers those at most an output apart: from ⌊i·n/m⌋ to below ⌈(i + 1)·n/m⌉.</summary>
    public static Array64 Adaptive(AdaptiveAveragePoolOp op, Array64 x)
    {
        var y = new Array64(x.Sizes[0], op.Output.Height, op.Output.Width, x.Sizes[3]);
        foreach (int[] at in y.Indices())
        {
            y[at] = (
                from row in Covered(at[1], op.Output.Height, x.Sizes[1])
                from column in Covered(at[2], op.Output.Width, x.Sizes[2])
                select x[at[0], row, column, at[3]]
            ).Average();
        }
        return y;

        // Pixel p lies on [p, p + 1), window i on [i·n/m, (i + 1)·n/m); whatever overlaps is covered. In whole numbers.
        static IEnumerable<int> Covered(int i, int m, int n) =>
            Enumerable.Range(0, n).Where(p => (p + 1) * m > i * n && p * m < (i + 1) * n);
    }

    private static Array64 Forward(
        Array64 x,
        Size2 window,
        Size2 strides,
        Pads2 pads,
        Func<IEnumerable<double>, double> reduce
    )
    {
        Array64 y = WindowReference.Output(x, window, strides, pads, Size2.One, x.Sizes[3]);
        foreach (int[] at in y.Indices())
        {
            (int n, int c) = (at[0], at[3]);
            y[at] = reduce(
                WindowReference
                    .Pixels(x, at[1], at[2], window, strides, pads)
                    .Select(pixel => x[n, pixel.Row, pixel.Column, c])
            );
        }
        return y;
    }
}
