namespace Lamina.Torch.Tests.References;

/// <summary>Where windows lie; the outputs are counted by sliding, not by the shape rule under test.</summary>
internal static class WindowReference
{
    public static Array64 Output(Array64 x, Size2 window, Size2 strides, Pads2 pads, Size2 dilation, int channels) =>
        new(
            x.Sizes[0],
            Count(x.Sizes[1], window.Height, strides.Height, pads.Top, pads.Bottom, dilation.Height),
            Count(x.Sizes[2], window.Width, strides.Width, pads.Left, pads.Right, dilation.Width),
            channels
        );

    /// <summary>The pixels of the image under the window of output (i, j).</summary>
    public static IEnumerable<(int Row, int Column)> Pixels(
        Array64 x,
        int i,
        int j,
        Size2 window,
        Size2 strides,
        Pads2 pads
    )
    {
        for (int p = 0; p < window.Height; p++)
        {
            for (int q = 0; q < window.Width; q++)
            {
                int row = (i * strides.Height) - pads.Top + p;
                int column = (j * strides.Width) - pads.Left + q;
                if (row >= 0 && row < x.Sizes[1] && column >= 0 && column < x.Sizes[2])
                {
                    yield return (row, column);
                }
            }
        }
    }

    private static int Count(int n, int window, int stride, int before, int after, int dilation)
    {
        int count = 0;
        for (int start = -before; start + ((window - 1) * dilation) < n + after; start += stride)
        {
            count++;
        }
        return count;
    }
}
