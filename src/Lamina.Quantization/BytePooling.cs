using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Torch;

namespace Lamina.Quantization;

/// <summary>
/// Max pooling of bytes. A channel whose code is reversed (after a batch normalization with a negative gain) needs the
/// smallest byte: its bytes are complemented before and after the comparison.
/// </summary>
internal static unsafe class BytePooling
{
    /// <summary>Returns the largest, or smallest, byte of each window and channel; padding does not count.</summary>
    /// <param name="x">Bytes, contiguous (N, H, W, C).</param>
    /// <param name="op">The windows.</param>
    /// <param name="outputHeight">The number of rows of windows.</param>
    /// <param name="outputWidth">The number of windows in a row.</param>
    /// <param name="complement">
    /// For each channel 0, or −1 for the smallest byte; <see langword="null"/> for the largest in all channels.
    /// </param>
    public static Tensor Max(Tensor x, MaxPoolOp op, int outputHeight, int outputWidth, sbyte[]? complement)
    {
        Tensor y = Tensor.Empty([x.Sizes[0], outputHeight, outputWidth, x.Sizes[3]], DType.UInt8);
        var none = new sbyte[complement is null ? x.Sizes[3] : 0];
        fixed (sbyte* masks = complement ?? none)
        {
            var work = new Work(x, y, op, (byte*)masks);
            long rows = y.Sizes[0] * y.Sizes[1];
            long grain = ElementLoop.Grain / (y.Sizes[2] * y.Sizes[3] * op.Window.Height);
            ElementLoop.Run(rows, &PoolRows, &work, Math.Max(1, grain));
        }
        GC.KeepAlive(x);
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PoolRows(long begin, long end, void* context)
    {
        var work = (Work*)context;
        for (long row = begin; row < end; row++)
        {
            (long image, long oy) = Math.DivRem(row, work->OutputHeight);
            byte* x = work->X + (image * work->Height * work->Width * work->Channels);
            long top = (oy * work->Strides.Height) - work->Top;
            long y0 = Math.Max(top, 0);
            long y1 = Math.Min(top + work->Window.Height, work->Height);
            for (long ox = 0; ox < work->OutputWidth; ox++)
            {
                long left = (ox * work->Strides.Width) - work->Left;
                long x0 = Math.Max(left, 0);
                long x1 = Math.Min(left + work->Window.Width, work->Width);
                byte* y = work->Y + (((row * work->OutputWidth) + ox) * work->Channels);
                PoolPixel(x, y, y0, y1, x0, x1, work);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PoolPixel(byte* x, byte* y, long y0, long y1, long x0, long x1, Work* work)
    {
        int channels = work->Channels;
        int c = 0;
        // The last vector of a pixel may overlap the previous one, which yields the same maxima.
        for (; channels >= 64 && c < channels; c += 64)
        {
            int at = Math.Min(c, channels - 64);
            Vector512<byte> mask = Vector512.Load(work->Masks + at);
            Vector512<byte> best = Vector512<byte>.Zero;
            for (long py = y0; py < y1; py++)
            {
                byte* line = x + (((py * work->Width) + x0) * channels) + at;
                for (long px = x0; px < x1; px++, line += channels)
                {
                    best = Vector512.Max(best, Vector512.Load(line) ^ mask);
                }
            }
            (best ^ mask).Store(y + at);
        }
        for (; channels >= 16 && c < channels; c += 16)
        {
            int at = Math.Min(c, channels - 16);
            Vector128<byte> mask = Vector128.Load(work->Masks + at);
            Vector128<byte> best = Vector128<byte>.Zero;
            for (long py = y0; py < y1; py++)
            {
                byte* line = x + (((py * work->Width) + x0) * channels) + at;
                for (long px = x0; px < x1; px++, line += channels)
                {
                    best = Vector128.Max(best, Vector128.Load(line) ^ mask);
                }
            }
            (best ^ mask).Store(y + at);
        }
        for (; c < channels; c++)
        {
            byte mask = work->Masks[c];
            byte best = 0;
            for (long py = y0; py < y1; py++)
            {
                byte* line = x + (((py * work->Width) + x0) * channels) + c;
                for (long px = x0; px < x1; px++, line += channels)
                {
                    best = Math.Max(best, (byte)(*line ^ mask));
                }
            }
            y[c] = (byte)(best ^ mask);
        }
    }

    private readonly struct Work(Tensor x, Tensor y, MaxPoolOp op, byte* masks)
    {
        public readonly byte* X = (byte*)x.ReadRaw;
        public readonly byte* Y = (byte*)y.WriteRaw();
        public readonly byte* Masks = masks;
        public readonly long Height = x.Sizes[1];
        public readonly long Width = x.Sizes[2];
        public readonly int Channels = checked((int)x.Sizes[3]);
        public readonly long OutputHeight = y.Sizes[1];
        public readonly long OutputWidth = y.Sizes[2];
        public readonly Size2 Window = op.Window;
        public readonly Size2 Strides = op.Strides;
        public readonly int Top = op.Pads.Top;
        public readonly int Left = op.Pads.Left;
    }
}
