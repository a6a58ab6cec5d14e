namespace Lamina.Torch.Tests.References;

/// <summary>Each pixel adds its kernels to the output: y[n, i·s + p·d − top, j·s + q·d − left, f] += x[n,i,j,c] · k[p,q,f,c].</summary>
internal static class ConvolutionTransposeReference
{
    public static Array64 Forward(ConvolutionTransposeOp op, Array64 x, Array64 kernel, Array64? bias)
    {
        (int kh, int kw, int filters) = (kernel.Sizes[0], kernel.Sizes[1], kernel.Sizes[2]);
        var y = new Array64(
            x.Sizes[0],
            ((x.Sizes[1] - 1) * op.Strides.Height)
                + ((kh - 1) * op.Dilation.Height)
                + 1
                - op.Crops.Top
                - op.Crops.Bottom,
            ((x.Sizes[2] - 1) * op.Strides.Width) + ((kw - 1) * op.Dilation.Width) + 1 - op.Crops.Left - op.Crops.Right,
            filters
        );
        foreach (int[] at in y.Indices())
        {
            y[at] = bias?[at[3]] ?? 0;
        }
        foreach (int[] from in x.Indices())
        {
            foreach (int[] tap in kernel.Indices())
            {
                int row = (from[1] * op.Strides.Height) + (tap[0] * op.Dilation.Height) - op.Crops.Top;
                int column = (from[2] * op.Strides.Width) + (tap[1] * op.Dilation.Width) - op.Crops.Left;
                if (tap[3] == from[3] && row >= 0 && row < y.Sizes[1] && column >= 0 && column < y.Sizes[2])
                {
                    y[from[0], row, column, tap[2]] += x[from] * kernel[tap];
                }
            }
        }
        return y;
    }
}
