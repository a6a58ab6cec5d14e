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
        Tensor y = Tensor.Empty([1, columns]);
        float* scales = Factors(x, skipsZeros, out int* rows, out int active);
        float* weights = weight.ReadData;
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
                    float* w = weights + first;
                    float* sums = Scratch.Floats(width);
                    new Span<float>(sums, width).Clear();
                    for (int i = 0; i < active; i += Rows)
                    {
                        int* next = rows + Math.Min(i + Rows, active - Rows);
                        AddFour(
                            sums,
                            count,
                            Vector128.Load(scales + i),
                            new FourRows<float>(w, rows + i, columns),
                            new FourRows<float>(w, next, columns)
                        );
                    }
                    for (int i = 0; i < count; i++)
                    {
                        float sum = sums[i] + (shift == null ? 0 : shift[first + i]);
                        result[first + i] = relu ? Math.Max(sum, 0) : sum;
                    }
                }
            },
            grain: 1
        );
        GC.KeepAlive(bias);
        GC.KeepAlive(weight);
        return y;
    }

    private static float* Factors(Tensor x, bool skipsZeros, out int* rows, out int active)
    {
        ReadOnlySpan<float> values = x.AsSpan();
        float* scales = Scratch.SharedFloats(2L * (values.Length + Rows));
        rows = (int*)(scales + values.Length + Rows);
        active = RowsThatCount(values, rows, scales, skipsZeros);
        GC.KeepAlive(x);
        return scales;
    }

    /// <summary>Computes y from weights in 16 bits.</summary>
    /// <param name="x">The row, (1, in).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    /// <param name="skipsZeros"><see langword="true"/> to skip rows of the weights whose factor is 0.</param>
    public static Tensor Run<TFormat>(
        Tensor x,
        HalfMatrix<TVector, TFormat> weight,
        Tensor? bias,
        bool relu,
        bool skipsZeros = true
    )
        where TFormat : struct, IHalfFormat
    {
        Tensor y = Tensor.Empty([1, weight.Columns]);
        float* scales = Factors(x, skipsZeros, out int* rows, out int active);
        float factor = HalfMatrix<TVector, TFormat>.FactorOf(new ReadOnlySpan<float>(scales, active), out float rest);
        for (int i = 0; i < active; i++)
        {
            scales[i] *= factor;
        }
        float* shift = bias is null ? null : bias.ReadData;
        float* result = y.WriteData();
        int width = HalfMatrix<TVector, TFormat>.PanelColumns;
        ElementLoop.Run(
            (weight.Padded + width - 1) / width,
            (begin, end) =>
            {
                for (int first = (int)begin * width; first < Math.Min(end * width, weight.Padded); first += width)
                {
                    int count = weight.Stride(first);
                    short* w = weight.At(0, first);
                    float* sums = Scratch.Floats(count);
                    new Span<float>(sums, count).Clear();
                    for (int i = 0; i < active; i += Rows)
                    {
                        int* next = rows + Math.Min(i + Rows, active - Rows);
                        AddFour<TFormat>(
                            sums,
                            count,
                            Vector128.Load(scales + i),
                            new FourRows<short>(w, rows + i, count),
                            new FourRows<short>(w, next, count)
                        );
                    }
                    for (int i = 0; i < Math.Min(count, weight.Columns - first); i++)
                    {
                        float sum =
                            (sums[i] * (rest * weight.Scale(first + i))) + (shift == null ? 0 : shift[first + i]);
                        result[first + i] = relu ? Math.Max(sum, 0) : sum;
                    }
                }
            },
            grain: 1
        );
        GC.KeepAlive(bias);
        GC.KeepAlive(weight);
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
    private static void AddFour<TFormat>(
        float* sums,
        int count,
        Vector128<float> x,
        FourRows<short> w,
        FourRows<short> next
    )
        where TFormat : struct, IHalfFormat
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
                sum = TVector.MultiplyAdd(x0, TFormat.Widen<TVector>(w.Row0 + at), sum);
                sum = TVector.MultiplyAdd(x1, TFormat.Widen<TVector>(w.Row1 + at), sum);
                sum = TVector.MultiplyAdd(x2, TFormat.Widen<TVector>(w.Row2 + at), sum);
                sum = TVector.MultiplyAdd(x3, TFormat.Widen<TVector>(w.Row3 + at), sum);
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
