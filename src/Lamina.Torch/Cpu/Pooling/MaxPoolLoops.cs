using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Max pooling of (N, H, W, C), sixteen channels at a time. As in libtorch, the first of equal maxima counts, NaN
/// exceeds all numbers, and the last of several NaN counts.
/// </summary>
internal static unsafe class MaxPoolLoops
{
    private const int Block = 16;

    /// <summary>Returns <see langword="true"/> if a position in the window fits into a byte.</summary>
    public static bool Fits(MaxPoolOp op) => op.Window.Height * op.Window.Width <= byte.MaxValue;

    /// <summary>Computes the maxima and optionally their positions in the windows, row by row.</summary>
    public static void Forward(Tensor x, Tensor y, Tensor? places, MaxPoolOp op)
    {
        byte* written = places is null ? null : (byte*)places.WriteRaw();
        var work = new Work(x, y, x.ReadData, y.WriteData(), written, op);
        ElementLoop.Run(work.Images * work.OutHeight, &ForwardRows, &work, work.Grain(work.OutWidth));
        GC.KeepAlive(x);
        GC.KeepAlive(places);
    }

    /// <summary>Computes the input's gradient: each pixel collects from the windows whose maximum it was.</summary>
    public static void Backward(Tensor gradient, Tensor places, Tensor result, MaxPoolOp op)
    {
        var work = new Work(result, gradient, result.WriteData(), gradient.ReadData, (byte*)places.ReadRaw, op);
        ElementLoop.Run(work.Images * work.Height, &BackwardRows, &work, work.Grain(work.Width));
        GC.KeepAlive(gradient);
        GC.KeepAlive(places);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRows(long begin, long end, void* context)
    {
        Work k = *(Work*)context;
        for (long row = begin; row < end; row++)
        {
            (long image, long oh) = Math.DivRem(row, k.OutHeight);
            int top = (int)oh * k.StrideY - k.Top;
            for (int ow = 0; ow < k.OutWidth; ow++)
            {
                int left = ow * k.StrideX - k.Left;
                var window = new Window(
                    Math.Max(0, top) - top,
                    Math.Min(k.Height, top + k.WindowY) - top,
                    Math.Max(0, left) - left,
                    Math.Min(k.Width, left + k.WindowX) - left
                );
                float* x = k.X + ((((image * k.Height) + top) * k.Width) + left) * k.Channels;
                long at = ((row * k.OutWidth) + ow) * k.Channels;
                byte* places = k.Places is null ? null : k.Places + at;
                int c = 0;
                for (; c <= k.Channels - Block; c += Block)
                {
                    k.MaximumOfBlock(x + c, k.Y + at + c, places is null ? null : places + c, window);
                }
                for (; c < k.Channels; c++)
                {
                    k.Maximum(x + c, k.Y + at + c, places is null ? null : places + c, window);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardRows(long begin, long end, void* context)
    {
        Work k = *(Work*)context;
        for (long row = begin; row < end; row++)
        {
            (long image, long h) = Math.DivRem(row, k.Height);
            (int firstRow, int lastRow) = Covering((int)h + k.Top, k.WindowY, k.StrideY, k.OutHeight);
            for (int w = 0; w < k.Width; w++)
            {
                (int firstColumn, int lastColumn) = Covering(w + k.Left, k.WindowX, k.StrideX, k.OutWidth);
                float* result = k.X + ((row * k.Width) + w) * k.Channels;
                var windows = new Window(firstRow, lastRow + 1, firstColumn, lastColumn + 1);
                long of = image * k.OutHeight * k.OutWidth;
                int c = 0;
                for (; c <= k.Channels - Block; c += Block)
                {
                    k.GatherBlock(result + c, of, c, (int)h + k.Top, w + k.Left, windows);
                }
                for (; c < k.Channels; c++)
                {
                    k.Gather(result + c, of, c, (int)h + k.Top, w + k.Left, windows);
                }
            }
        }
    }

    /// <summary>Returns the windows along one axis that contain a pixel.</summary>
    private static (int First, int Last) Covering(int at, int window, int stride, int count) =>
        (at < window ? 0 : ((at - window) / stride) + 1, Math.Min(at / stride, count - 1));

    /// <summary>The rows and columns of a window, from the first to before the end.</summary>
    private readonly record struct Window(int Top, int Bottom, int Left, int Right);

    private readonly struct Work(Tensor x, Tensor y, float* xData, float* yData, byte* places, MaxPoolOp op)
    {
        public readonly float* X = xData;
        public readonly float* Y = yData;
        public readonly byte* Places = places;
        public readonly long Images = x.Sizes[0];
        public readonly int Height = (int)x.Sizes[1];
        public readonly int Width = (int)x.Sizes[2];
        public readonly int Channels = (int)x.Sizes[3];
        public readonly int OutHeight = (int)y.Sizes[1];
        public readonly int OutWidth = (int)y.Sizes[2];
        public readonly int WindowY = op.Window.Height;
        public readonly int WindowX = op.Window.Width;
        public readonly int StrideY = op.Strides.Height;
        public readonly int StrideX = op.Strides.Width;
        public readonly int Top = op.Pads.Top;
        public readonly int Left = op.Pads.Left;

        /// <summary>Returns the number of rows that is worth another thread.</summary>
        public long Grain(int width) => Math.Max(1, ElementLoop.Grain / ((long)width * Channels));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MaximumOfBlock(float* x, float* y, byte* places, Window window)
        {
            Vector256<float> low = Vector256.Create(float.NegativeInfinity);
            Vector256<float> high = low;
            Vector256<int> lowPlace = Vector256.Create((window.Top * WindowX) + window.Left);
            Vector256<int> highPlace = lowPlace;
            for (int i = window.Top; i < window.Bottom; i++)
            {
                for (int j = window.Left; j < window.Right; j++)
                {
                    float* pixel = x + ((i * (long)Width) + j) * Channels;
                    Vector256<int> place = Vector256.Create((i * WindowX) + j);
                    Vector256<float> v = Vector256.Load(pixel);
                    Vector256<float> larger = Vector256.GreaterThan(v, low) | ~Vector256.Equals(v, v);
                    low = Vector256.ConditionalSelect(larger, v, low);
                    lowPlace = Vector256.ConditionalSelect(larger.AsInt32(), place, lowPlace);
                    v = Vector256.Load(pixel + 8);
                    larger = Vector256.GreaterThan(v, high) | ~Vector256.Equals(v, v);
                    high = Vector256.ConditionalSelect(larger, v, high);
                    highPlace = Vector256.ConditionalSelect(larger.AsInt32(), place, highPlace);
                }
            }
            low.Store(y);
            high.Store(y + 8);
            if (places is not null)
            {
                Vector256<short> both = Vector256.Narrow(lowPlace, highPlace);
                Vector128.Narrow(both.GetLower().AsUInt16(), both.GetUpper().AsUInt16()).Store(places);
            }
        }

        public void Maximum(float* x, float* y, byte* places, Window window)
        {
            float most = float.NegativeInfinity;
            int place = (window.Top * WindowX) + window.Left;
            for (int i = window.Top; i < window.Bottom; i++)
            {
                for (int j = window.Left; j < window.Right; j++)
                {
                    float v = x[((i * (long)Width) + j) * Channels];
                    if (v > most || float.IsNaN(v))
                    {
                        most = v;
                        place = (i * WindowX) + j;
                    }
                }
            }
            *y = most;
            if (places is not null)
            {
                *places = (byte)place;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void GatherBlock(float* result, long of, int c, int row, int column, Window windows)
        {
            Vector256<float> low = Vector256<float>.Zero;
            Vector256<float> high = Vector256<float>.Zero;
            for (int oh = windows.Top; oh < windows.Bottom; oh++)
            {
                for (int ow = windows.Left; ow < windows.Right; ow++)
                {
                    long at = ((of + ((long)oh * OutWidth) + ow) * Channels) + c;
                    int place = ((row - (oh * StrideY)) * WindowX) + column - (ow * StrideX);
                    Vector128<sbyte> hit = Vector128
                        .Equals(Vector128.Load(Places + at), Vector128.Create((byte)place))
                        .AsSByte();
                    // All ones stay all ones when they are widened as signed numbers.
                    (Vector128<short> first, Vector128<short> second) = Vector128.Widen(hit);
                    low += Vector256.Load(Y + at) & Wide(first);
                    high += Vector256.Load(Y + at + 8) & Wide(second);
                }
            }
            low.Store(result);
            high.Store(result + 8);
        }

        public void Gather(float* result, long of, int c, int row, int column, Window windows)
        {
            float sum = 0;
            for (int oh = windows.Top; oh < windows.Bottom; oh++)
            {
                for (int ow = windows.Left; ow < windows.Right; ow++)
                {
                    long at = ((of + ((long)oh * OutWidth) + ow) * Channels) + c;
                    int place = ((row - (oh * StrideY)) * WindowX) + column - (ow * StrideX);
                    sum += Places[at] == place ? Y[at] : 0;
                }
            }
            *result = sum;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Wide(Vector128<short> hit)
        {
            (Vector128<int> first, Vector128<int> second) = Vector128.Widen(hit);
            return Vector256.Create(first, second).AsSingle();
        }
    }
}
