using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The windows of a convolution as addresses of runs of neighboring elements: one run per tap, of all channels of a
/// group, with zeros in the place of padding; or, for images without padding, one run per row of the window, over all
/// channels of its pixels.
/// </summary>
/// <param name="op">The convolution.</param>
/// <param name="kernel">The window.</param>
/// <param name="input">The height and width of the images, with <paramref name="byRows"/> those of the padded ones.</param>
/// <param name="output">The height and width of the output.</param>
/// <param name="channels">The channels of an image.</param>
/// <param name="byRows"><see langword="true"/> for a run per row of the window.</param>
internal sealed unsafe class WindowRuns(
    ConvolutionOp op,
    Size2 kernel,
    Size2 input,
    Size2 output,
    int channels,
    bool byRows
)
{
    private readonly Pads2 _pads = byRows ? Pads2.None : op.Pads;
    private readonly int _across = byRows ? 1 : kernel.Width;

    /// <summary>The number of runs of a window.</summary>
    public int Count => kernel.Height * _across;

    /// <summary>The number of elements of a run.</summary>
    public int Length => byRows ? kernel.Width * channels : channels / op.Groups;

    /// <summary>Writes the addresses of the runs of some output pixels, counted over all images.</summary>
    /// <param name="images">The images, (N, H, W, C).</param>
    /// <param name="first">The first pixel.</param>
    /// <param name="count">The number of pixels.</param>
    /// <param name="channel">The first channel of the group.</param>
    /// <param name="zeros">The address of <see cref="Length"/> zeros.</param>
    /// <param name="addresses">Receives the addresses: the first run of all pixels, then the second.</param>
    /// <param name="step">The distance between runs in <paramref name="addresses"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find<T>(T* images, long first, int count, int channel, T* zeros, T** addresses, nint step)
        where T : unmanaged
    {
        (long image, long pixel) = Math.DivRem(first, (long)output.Height * output.Width);
        (int y, int x) = Math.DivRem((int)pixel, output.Width);
        nint row = (nint)input.Width * channels;
        T* from = images + ((nint)image * input.Height * row) + channel;
        for (int i = 0; i < count; i++)
        {
            int top = (y * op.Strides.Height) - _pads.Top;
            int left = (x * op.Strides.Width) - _pads.Left;
            T** to = addresses + i;
            for (int r = 0; r < kernel.Height; r++, top += op.Dilation.Height)
            {
                bool inside = (uint)top < (uint)input.Height;
                T* line = from + (top * row);
                int column = left;
                for (int s = 0; s < _across; s++, column += op.Dilation.Width, to += step)
                {
                    *to = inside && (uint)column < (uint)input.Width ? line + ((nint)column * channels) : zeros;
                }
            }
            if (++x == output.Width)
            {
                x = 0;
                if (++y == output.Height)
                {
                    y = 0;
                    from += input.Height * row;
                }
            }
        }
    }
}
