namespace Lamina.Torch.Tests.References;

/// <summary>The largest, or the mean, of the pixels of the image under each window; padding is in neither.</summary>
internal static class PoolReference
{
    public static Array64 Max(MaxPoolOp op, Array64 x) =>
        Forward(x, op.Window, op.Strides, op.Pads, values => values.Max());

    public static Array64 Average(AveragePoolOp op, Array64 x) =>
        Forward(x, op.Window, op.Strides, op.Pads, values => values.Average());

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
