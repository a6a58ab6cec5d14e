using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The product of one row of bytes and a matrix of signed bytes. Reading the matrix is the bottleneck, so rows whose factor is
/// 0 (most of them, after a ReLU) are not read.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class ByteRowProduct<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    private const int Rows = 4;
    private const int Line = 64;

    /// <summary>Computes the outputs.</summary>
    /// <param name="x">The row.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="scale">The conversion of the sums.</param>
    /// <param name="result">Receives the outputs.</param>
    public static void Run(byte* x, ByteMatrix weights, SumScale<TVector> scale, void* result)
    {
        var rows = (int*)Scratch.SharedFloats(2L * (weights.Rows + Rows));
        int* values = rows + weights.Rows + Rows;
        int active = RowsThatCount(x, weights.Rows, rows, values);
        int width = ByteMatrix.PanelWidth;
        ElementLoop.Run(
            (weights.Padded + width - 1) / width,
            (begin, end) =>
            {
                var sums = (int*)Scratch.Floats(width);
                for (int first = (int)begin * width; first < Math.Min(end * width, weights.Padded); first += width)
                {
                    int count = weights.Stride(first);
                    new Span<int>(sums, count).Clear();
                    sbyte* w = weights.At(0, first);
                    for (int i = 0; i < active; i += Rows)
                    {
                        int next = Math.Min(i + Rows, active - Rows);
                        AddFour(sums, count, values + i, w, rows + i, rows + next);
                    }
                    Write(sums, first, count, weights.Columns, scale, result);
                }
            },
            grain: 1
        );
    }

    // The rows that count and their factors, padded to whole groups by row 0 times 0.
    private static int RowsThatCount(byte* x, int length, int* rows, int* values)
    {
        int count = 0;
        for (int i = 0; i < length; i++)
        {
            rows[count] = i;
            values[count] = x[i];
            count += x[i] != 0 ? 1 : 0;
        }
        for (; count % Rows != 0; count++)
        {
            (rows[count], values[count]) = (0, 0);
        }
        return count;
    }

    // Prefetches the next pieces while these are added: pieces of rows are too short, a few kilobytes, for the processor's
    // own prefetcher.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour(int* sums, int count, int* values, sbyte* w, int* rows, int* next)
    {
        var upper = TVector.Create(values[0] | (values[1] << 16));
        var lower = TVector.Create(values[2] | (values[3] << 16));
        long stride = count;
        sbyte* w0 = w + (rows[0] * stride);
        sbyte* w1 = w + (rows[1] * stride);
        sbyte* w2 = w + (rows[2] * stride);
        sbyte* w3 = w + (rows[3] * stride);
        for (int line = 0; line < count; line += Line)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(w + (next[0] * stride) + line);
                Sse.Prefetch1(w + (next[1] * stride) + line);
                Sse.Prefetch1(w + (next[2] * stride) + line);
                Sse.Prefetch1(w + (next[3] * stride) + line);
            }
            for (int c = line; c < line + Line; c += TVector.Count)
            {
                TVector sum = TVector.MultiplyAdd(upper, TVector.Pairs(w0 + c, w1 + c), TVector.Load(sums + c));
                TVector.MultiplyAdd(lower, TVector.Pairs(w2 + c, w3 + c), sum).Store(sums + c);
            }
        }
    }

    private static void Write(int* sums, int first, int count, int outputs, SumScale<TVector> scale, void* result)
    {
        int panel = first / PairBlock<TVector>.PanelWidth;
        int end = Math.Min(count, outputs - first);
        for (int c = 0; c < end; c += PairBlock<TVector>.PanelWidth, panel++)
        {
            scale.Write(sums + c, 0, 1, panel, Math.Min(PairBlock<TVector>.PanelWidth, end - c), result, first + c, 0);
        }
    }
}
