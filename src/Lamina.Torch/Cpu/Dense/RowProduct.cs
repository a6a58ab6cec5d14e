using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes one row times a matrix, y = x·W + b. Reading W is the bottleneck, so rows of W whose factor in x is 0 (most
/// of them, after a ReLU) are skipped if W is finite, and W may be stored in 16 bits.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class RowProduct<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    // The sums of this many columns fit the first-level cache; with fewer, the pieces of rows are too short to be read
    // fast.
    private const int MostColumns = 2048;
    private const int FewestColumns = 512;
    private const int Step = 16;
    private const int Rows = 4;
    private const int Alignment = 32;

    /// <summary>Computes y.</summary>
    /// <param name="x">The row, (1, in).</param>
    /// <param name="weight">The weights, (in, out).</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    /// <param name="skipsZeros">
    /// <see langword="true"/> to skip rows of the weights whose factor is 0. This requires finite weights, as 0 · NaN
    /// is NaN.
    /// </param>
    public static Tensor Run(Tensor x, Tensor weight, Tensor? bias, bool relu, bool skipsZeros = true)
    {
        int columns = (int)weight.Sizes[1];
        Tensor y = Run(x, weight.ReadData, columns, columns, null, bias, relu, skipsZeros);
        GC.KeepAlive(weight);
        return y;
    }

    /// <summary>Computes y from weights in 16 bits.</summary>
    /// <param name="x">The row, (1, in).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    public static Tensor Run(Tensor x, HalfMatrix<TVector> weight, Tensor? bias, bool relu) =>
        Run(x, weight.At(0, 0), weight.Stride, weight.Columns, weight, bias, relu, skipsZeros: true);

    private static Tensor Run(
        Tensor x,
        void* weights,
        long stride,
        int columns,
        HalfMatrix<TVector>? half,
        Tensor? bias,
        bool relu,
        bool skipsZeros
    )
    {
        Tensor y = Tensor.Empty([1, columns]);
        ReadOnlySpan<float> values = x.AsSpan();
        float* scales = Scratch.SharedFloats(2L * (values.Length + Rows));
        var rows = (int*)(scales + values.Length + Rows);
        int active = RowsThatCount(values, rows, scales, skipsZeros);
        float* shift = bias is null ? null : bias.ReadData;
        float* result = y.WriteData();
        int share = ((columns / TorchLibrary.Threads) + Alignment - 1) / Alignment * Alignment;
        int width = Math.Clamp(share, FewestColumns, MostColumns);
        ElementLoop.Run(
            (columns + width - 1) / width,
            (begin, end) =>
            {
                for (long first = begin * width; first < Math.Min(end * width, columns); first += width)
                {
                    int count = (int)Math.Min(width, columns - first);
                    float* sums = Scratch.Floats(width);
                    new Span<float>(sums, width).Clear();
                    for (int i = 0; i < active; i += Rows)
                    {
                        Vector128<float> four = Vector128.Load(scales + i);
                        int* next = rows + Math.Min(i + Rows, active - Rows);
                        if (half is null)
                        {
                            float* w = (float*)weights + first;
                            AddFour(
                                sums,
                                count,
                                four,
                                new FourRows<float>(w, rows + i, stride),
                                new FourRows<float>(w, next, stride)
                            );
                        }
                        else
                        {
                            short* w = (short*)weights + first;
                            AddFour(
                                sums,
                                count,
                                four,
                                new FourRows<short>(w, rows + i, stride),
                                new FourRows<short>(w, next, stride)
                            );
                        }
                    }
                    Finish(sums, count, half, (int)first, shift, relu, result);
                }
            },
            grain: 1
        );
        GC.KeepAlive(bias);
        GC.KeepAlive(half);
        return y;
    }

    // The rows that count and their factors, padded to whole groups by row 0 times 0.
    private static int RowsThatCount(ReadOnlySpan<float> x, int* rows, float* scales, bool skipsZeros)
    {
        int count = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] != 0 || !skipsZeros)
            {
                (rows[count], scales[count]) = (i, x[i]);
                count++;
            }
        }
        for (; count % Rows != 0; count++)
        {
            (rows[count], scales[count]) = (0, 0);
        }
        return count;
    }

    private static void Finish(
        float* sums,
        int count,
        HalfMatrix<TVector>? half,
        int first,
        float* shift,
        bool relu,
        float* result
    )
    {
        for (int i = 0; i < count; i++)
        {
            float sum = half is null ? sums[i] : sums[i] * half.Scale(first + i);
            sum += shift == null ? 0 : shift[first + i];
            result[first + i] = relu ? Math.Max(sum, 0) : sum;
        }
    }

    // Prefetch the next pieces while these are added: pieces of rows are too short, a few kilobytes, for the
    // processor's own prefetcher.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* sums, int count, Vector128<float> x, FourRows<float> w, FourRows<float> next)
    {
        TVector x0 = TVector.Create(x[0]);
        TVector x1 = TVector.Create(x[1]);
        TVector x2 = TVector.Create(x[2]);
        TVector x3 = TVector.Create(x[3]);
        int c = 0;
        for (; c <= count - Step; c += Step)
        {
            next.Prefetch(c);
            Add(c);
            if (TVector.Count <= 8)
            {
                Add(c + TVector.Count);
            }
            if (TVector.Count <= 4)
            {
                Add(c + (2 * TVector.Count));
                Add(c + (3 * TVector.Count));
            }
        }
        for (; c < count; c++)
        {
            sums[c] += (x[0] * w.Row0[c]) + (x[1] * w.Row1[c]) + (x[2] * w.Row2[c]) + (x[3] * w.Row3[c]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Add(int at)
        {
            TVector sum = TVector.Load(sums + at);
            sum = TVector.MultiplyAdd(x0, TVector.Load(w.Row0 + at), sum);
            sum = TVector.MultiplyAdd(x1, TVector.Load(w.Row1 + at), sum);
            sum = TVector.MultiplyAdd(x2, TVector.Load(w.Row2 + at), sum);
            sum = TVector.MultiplyAdd(x3, TVector.Load(w.Row3 + at), sum);
            sum.Store(sums + at);
        }
    }

    // Rows of 16-bit numbers are padded to whole vectors, so there is no remainder.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* sums, int count, Vector128<float> x, FourRows<short> w, FourRows<short> next)
    {
        TVector x0 = TVector.Create(x[0]);
        TVector x1 = TVector.Create(x[1]);
        TVector x2 = TVector.Create(x[2]);
        TVector x3 = TVector.Create(x[3]);
        for (int c = 0; c < count; c += 2 * Step)
        {
            next.Prefetch(c);
            for (int at = c; at < c + (2 * Step); at += TVector.Count)
            {
                TVector sum = TVector.Load(sums + at);
                sum = TVector.MultiplyAdd(x0, TVector.Widen(w.Row0 + at), sum);
                sum = TVector.MultiplyAdd(x1, TVector.Widen(w.Row1 + at), sum);
                sum = TVector.MultiplyAdd(x2, TVector.Widen(w.Row2 + at), sum);
                sum = TVector.MultiplyAdd(x3, TVector.Widen(w.Row3 + at), sum);
                sum.Store(sums + at);
            }
        }
    }

    /// <summary>Four rows of a matrix, starting at a column.</summary>
    private readonly struct FourRows<T>(T* matrix, int* rows, long stride)
        where T : unmanaged
    {
        public readonly T* Row0 = matrix + (rows[0] * stride);
        public readonly T* Row1 = matrix + (rows[1] * stride);
        public readonly T* Row2 = matrix + (rows[2] * stride);
        public readonly T* Row3 = matrix + (rows[3] * stride);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(int column)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(Row0 + column);
                Sse.Prefetch1(Row1 + column);
                Sse.Prefetch1(Row2 + column);
                Sse.Prefetch1(Row3 + column);
            }
        }
    }
}
