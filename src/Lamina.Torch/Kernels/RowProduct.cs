using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vector = System.Runtime.Intrinsics.Vector512<float>;

namespace Lamina.Torch;

/// <summary>
/// One row times a matrix, y = x·W + b. It is bound by reading W, so rows of W that meet a 0 in x (most of them, after a
/// ReLU) are not read, and W may be stored in 16 bits.
/// </summary>
internal static unsafe class RowProduct
{
    // Sums of so many columns stay in the first cache.
    private const int Columns = 1024;
    private const int Lanes = 16;
    private const int Rows = 4;

    /// <summary>Whether this machine has the vectors that make it fast.</summary>
    public static bool IsFast => Vector512.IsHardwareAccelerated;

    /// <summary>Computes y.</summary>
    /// <param name="x">(1, in).</param>
    /// <param name="weight">(in, out).</param>
    /// <param name="bias">(out), or none.</param>
    /// <param name="relu">Whether negative sums become 0.</param>
    public static Tensor Run(Tensor x, Tensor weight, Tensor? bias, bool relu)
    {
        int columns = (int)weight.Sizes[1];
        Tensor y = Run(x, weight.Data, columns, columns, null, bias, relu);
        GC.KeepAlive(weight);
        return y;
    }

    /// <summary>Computes y from weights in 16 bits.</summary>
    /// <param name="x">(1, in).</param>
    /// <param name="weight">The weights.</param>
    /// <param name="bias">(out), or none.</param>
    /// <param name="relu">Whether negative sums become 0.</param>
    public static Tensor Run(Tensor x, HalfMatrix weight, Tensor? bias, bool relu) =>
        Run(x, weight.At(0, 0), weight.Stride, weight.Columns, weight, bias, relu);

    private static Tensor Run(
        Tensor x,
        void* weights,
        long stride,
        int columns,
        HalfMatrix? half,
        Tensor? bias,
        bool relu
    )
    {
        Tensor y = Tensor.Empty([1, columns]);
        (int[] rows, float[] scales) = NonZero(x.AsSpan());
        float* shift = bias is null ? null : bias.Data;
        float* result = y.Data;
        ElementLoop.Run(
            (columns + Columns - 1) / Columns,
            (begin, end) =>
            {
                for (long first = begin * Columns; first < Math.Min(end * Columns, columns); first += Columns)
                {
                    int count = (int)Math.Min(Columns, columns - first);
                    float* sums = Scratch.Floats(Columns);
                    new Span<float>(sums, Columns).Clear();
                    for (int i = 0; i < rows.Length; i += Rows)
                    {
                        long r0 = (rows[i] * stride) + first;
                        long r1 = (rows[i + 1] * stride) + first;
                        long r2 = (rows[i + 2] * stride) + first;
                        long r3 = (rows[i + 3] * stride) + first;
                        var four = Vector128.Create(scales.AsSpan(i, Rows));
                        if (half is null)
                        {
                            float* w = (float*)weights;
                            AddFour(sums, count, four, w + r0, w + r1, w + r2, w + r3);
                        }
                        else
                        {
                            short* w = (short*)weights;
                            AddFour(sums, count, four, w + r0, w + r1, w + r2, w + r3);
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

    // The rows that count and their factors, filled up to whole groups by row 0 times 0.
    private static (int[] Rows, float[] Scales) NonZero(ReadOnlySpan<float> x)
    {
        var rows = new int[x.Length + Rows];
        var scales = new float[x.Length + Rows];
        int count = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] != 0)
            {
                (rows[count], scales[count]) = (i, x[i]);
                count++;
            }
        }
        int whole = (count + Rows - 1) / Rows * Rows;
        return (rows[..whole], scales[..whole]);
    }

    private static void Finish(
        float* sums,
        int count,
        HalfMatrix? half,
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* sums, int count, Vector128<float> x, float* w0, float* w1, float* w2, float* w3)
    {
        Vector x0 = Vector512.Create(x[0]);
        Vector x1 = Vector512.Create(x[1]);
        Vector x2 = Vector512.Create(x[2]);
        Vector x3 = Vector512.Create(x[3]);
        int c = 0;
        for (; c <= count - Lanes; c += Lanes)
        {
            Vector sum = Vector512.Load(sums + c);
            sum = Vector512.FusedMultiplyAdd(x0, Vector512.Load(w0 + c), sum);
            sum = Vector512.FusedMultiplyAdd(x1, Vector512.Load(w1 + c), sum);
            sum = Vector512.FusedMultiplyAdd(x2, Vector512.Load(w2 + c), sum);
            sum = Vector512.FusedMultiplyAdd(x3, Vector512.Load(w3 + c), sum);
            sum.Store(sums + c);
        }
        for (; c < count; c++)
        {
            sums[c] += (x[0] * w0[c]) + (x[1] * w1[c]) + (x[2] * w2[c]) + (x[3] * w3[c]);
        }
    }

    // Rows of 16-bit numbers are padded to whole vectors of them, so there is no rest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(float* sums, int count, Vector128<float> x, short* w0, short* w1, short* w2, short* w3)
    {
        Vector x0 = Vector512.Create(x[0]);
        Vector x1 = Vector512.Create(x[1]);
        Vector x2 = Vector512.Create(x[2]);
        Vector x3 = Vector512.Create(x[3]);
        for (int c = 0; c < count; c += 2 * Lanes)
        {
            Vector512<short> h0 = Vector512.Load(w0 + c);
            Vector512<short> h1 = Vector512.Load(w1 + c);
            Vector512<short> h2 = Vector512.Load(w2 + c);
            Vector512<short> h3 = Vector512.Load(w3 + c);
            Vector low = Vector512.Load(sums + c);
            low = Vector512.FusedMultiplyAdd(x0, HalfMatrix.Low(h0), low);
            low = Vector512.FusedMultiplyAdd(x1, HalfMatrix.Low(h1), low);
            low = Vector512.FusedMultiplyAdd(x2, HalfMatrix.Low(h2), low);
            low = Vector512.FusedMultiplyAdd(x3, HalfMatrix.Low(h3), low);
            low.Store(sums + c);
            Vector high = Vector512.Load(sums + c + Lanes);
            high = Vector512.FusedMultiplyAdd(x0, HalfMatrix.High(h0), high);
            high = Vector512.FusedMultiplyAdd(x1, HalfMatrix.High(h1), high);
            high = Vector512.FusedMultiplyAdd(x2, HalfMatrix.High(h2), high);
            high = Vector512.FusedMultiplyAdd(x3, HalfMatrix.High(h3), high);
            high.Store(sums + c + Lanes);
        }
    }
}
