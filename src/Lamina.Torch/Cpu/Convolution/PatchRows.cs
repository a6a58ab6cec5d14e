using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The windows of images as rows of a matrix: for each output pixel the (kh, kw, C) inputs of its window, with 0 beyond
/// the image's edge and up to whole vectors.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="kernel">The window.</param>
/// <param name="strides">The distance between windows.</param>
/// <param name="pads">The padding of the image.</param>
/// <param name="input">The image's height and width.</param>
/// <param name="output">The output's height and width.</param>
/// <param name="channels">The image's channels.</param>
internal sealed unsafe class PatchRows<TVector>(
    Size2 kernel,
    Size2 strides,
    Pads2 pads,
    Size2 input,
    Size2 output,
    int channels
)
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly int _run = kernel.Width * channels;

    /// <summary>The number of elements of a window.</summary>
    public int Length { get; } = kernel.Height * kernel.Width * channels;

    /// <summary>The number of elements of a row: <see cref="Length"/> rounded up to whole vectors.</summary>
    public int Step => (Length + TVector.Count - 1) / TVector.Count * TVector.Count;

    /// <summary>The number of pixels of an image's output.</summary>
    public int Pixels => output.Height * output.Width;

    /// <summary>Writes the rows of some pixels, counted over all images.</summary>
    /// <param name="images">(N, H, W, C).</param>
    /// <param name="first">The first pixel.</param>
    /// <param name="count">The number of pixels.</param>
    /// <param name="rows">Receives <paramref name="count"/> rows of <see cref="Step"/> elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(float* images, long first, int count, float* rows)
    {
        (long image, long pixel) = Math.DivRem(first, Pixels);
        (int y, int x) = Math.DivRem((int)pixel, output.Width);
        float* from = images + (image * input.Height * input.Width * channels);
        for (int i = 0; i < count; i++, rows += Step)
        {
            FillRow(from, y, x, rows);
            if (++x == output.Width)
            {
                x = 0;
                if (++y == output.Height)
                {
                    y = 0;
                    from += (nint)input.Height * input.Width * channels;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillRow(float* image, int y, int x, float* row)
    {
        int top = (y * strides.Height) - pads.Top;
        int left = (x * strides.Width) - pads.Left;
        int before = Math.Clamp(-left, 0, kernel.Width) * channels;
        int after = Math.Clamp(left + kernel.Width - input.Width, 0, kernel.Width) * channels;
        bool inside = before + after == 0;
        float* from = image + ((((nint)top * input.Width) + left) * channels);
        for (int r = 0; r < kernel.Height; r++)
        {
            float* to = row + (r * _run);
            if ((uint)(top + r) >= (uint)input.Height || before + after >= _run)
            {
                new Span<float>(to, _run).Clear();
            }
            else if (inside)
            {
                Copy(from, to, _run);
            }
            else
            {
                new Span<float>(to, before).Clear();
                Copy(from + before, to + before, _run - before - after);
                new Span<float>(to + _run - after, after).Clear();
            }
            from += (nint)input.Width * channels;
        }
        for (int i = Length; i < Step; i++)
        {
            row[i] = 0;
        }
    }

    // Some dozens of elements: the last vector overlaps the previous one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, float* to, int count)
    {
        if (count < TVector.Count)
        {
            for (int i = 0; i < count; i++)
            {
                to[i] = from[i];
            }
            return;
        }
        int last = count - TVector.Count;
        for (int i = 0; i < last; i += TVector.Count)
        {
            TVector.Load(from + i).Store(to + i);
        }
        TVector.Load(from + last).Store(to + last);
    }
}
