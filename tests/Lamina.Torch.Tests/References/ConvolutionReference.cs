namespace Lamina.Torch.Tests.References;

/// <summary>y[n,i,j,f] = b[f] + Σ x[n, i·s − top + p·d, j·s − left + q·d, c] · k[p,q,c,f] over the group of f.</summary>
internal static class ConvolutionReference
{
    public static Array64 Forward(ConvolutionOp op, Array64 x, Array64 kernel, Array64? bias)
    {
        (int height, int width) = (x.Sizes[1], x.Sizes[2]);
        (int kh, int kw, int depth, int filters) = (kernel.Sizes[0], kernel.Sizes[1], kernel.Sizes[2], kernel.Sizes[3]);
        Array64 y = WindowReference.Output(x, (kh, kw), op.Strides, op.Pads, op.Dilation, filters);
        foreach (int[] at in y.Indices())
        {
            (int n, int i, int j, int f) = (at[0], at[1], at[2], at[3]);
            int firstChannel = f / (filters / op.Groups) * depth;
            double sum = bias?[f] ?? 0;
            for (int p = 0; p < kh; p++)
            {
                for (int q = 0; q < kw; q++)
                {
                    int row = (i * op.Strides.Height) - op.Pads.Top + (p * op.Dilation.Height);
                    int column = (j * op.Strides.Width) - op.Pads.Left + (q * op.Dilation.Width);
                    if (row < 0 || row >= height || column < 0 || column >= width)
                    {
                        continue;
                    }
                    for (int c = 0; c < depth; c++)
                    {
                        sum += x[n, row, column, firstChannel + c] * kernel[p, q, c, f];
                    }
                }
            }
            y[at] = sum;
        }
        return y;
    }
}
