using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Products of some rows and a matrix in 16 bits. Blocks of the matrix are widened to float32 once for all rows, and x is copied in
/// order, as <see cref="PanelProduct{TVector}"/> does.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TFormat">The 16 bits.</typeparam>
internal static unsafe class HalfProduct<TVector, TFormat>
    where TVector : unmanaged, IFloats<TVector>
    where TFormat : struct, IHalfFormat
{
    private const int Columns = 128;
    private const int Depth = 96;
    private const int MostRows = 96;

    /// <summary>Computes x·W + b, (rows, out).</summary>
    /// <param name="x">The rows, (rows, in).</param>
    /// <param name="weight">The matrix.</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    public static Tensor Run(Tensor x, HalfMatrix<TVector, TFormat> weight, Tensor? bias, bool relu)
    {
        int rows = (int)x.Sizes[0];
        Tensor y = Tensor.Empty([rows, weight.Columns]);
        float* left = x.ReadData;
        float factor = HalfMatrix<TVector, TFormat>.FactorOf(x.AsSpan(), out float rest);
        float* shift = bias is null ? null : bias.ReadData;
        float* result = y.WriteData();
        ElementLoop.Run(
            (weight.Padded + Columns - 1) / Columns,
            (begin, end) =>
            {
                float* memory = Scratch.Floats((MostRows * (Depth + Columns)) + (Depth * Columns));
                float* sums = memory + (MostRows * Depth) + (Depth * Columns);
                for (int column = (int)begin * Columns; column < end * Columns; column += Columns)
                {
                    for (int row = 0; row < rows; row += MostRows)
                    {
                        int count = Math.Min(MostRows, rows - row);
                        Sum(left + ((long)row * weight.Rows), count, factor, weight, column, memory, sums);
                        Write(sums, row, count, rest, weight, column, shift, relu, result);
                    }
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(bias);
        GC.KeepAlive(weight);
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(
        float* x,
        int rows,
        float factor,
        HalfMatrix<TVector, TFormat> weight,
        int column,
        float* memory,
        float* sums
    )
    {
        int padded = MatrixBlock<TVector>.RoundUp(rows);
        int width = Math.Min(Columns, weight.Padded - column);
        int inputs = weight.Rows;
        float* block = memory + (MostRows * Depth);
        for (int first = 0; first < inputs; first += Depth)
        {
            int depth = Math.Min(Depth, inputs - first);
            for (int row = 0; row < rows; row++)
            {
                float* source = x + ((long)row * inputs) + first;
                float* to = memory + (row * depth);
                for (int i = 0; i < depth; i++)
                {
                    to[i] = source[i] * factor;
                }
            }
            new Span<float>(memory + (rows * depth), (padded - rows) * depth).Clear();
            Expand(weight.At(first, column), weight.Stride(column), depth, width, block);
            for (int panel = 0; panel < width; panel += MatrixBlock<TVector>.PanelWidth)
            {
                MatrixBlock<TVector>.Multiply(
                    padded,
                    MatrixBlock<TVector>.PanelWidth,
                    depth,
                    memory,
                    depth,
                    1,
                    block + (panel * depth),
                    MatrixBlock<TVector>.PanelWidth,
                    sums + panel,
                    Columns,
                    add: first > 0
                );
            }
        }
    }

    // The same columns of the next block are prefetched: pieces of rows are too short for the processor's own prefetcher.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Expand(short* from, int stride, int depth, int columns, float* block)
    {
        int width = MatrixBlock<TVector>.PanelWidth;
        for (int row = 0; row < depth; row++, from += stride)
        {
            short* next = from + ((long)Depth * stride);
            float* to = block + (row * width);
            for (int panel = 0; panel < columns; panel += width, to += depth * width)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch1(next + panel);
                }
                TFormat.Widen<TVector>(from + panel).Store(to);
                TFormat.Widen<TVector>(from + panel + TVector.Count).Store(to + TVector.Count);
            }
        }
    }

    private static void Write(
        float* sums,
        int row,
        int rows,
        float rest,
        HalfMatrix<TVector, TFormat> weight,
        int column,
        float* shift,
        bool relu,
        float* result
    )
    {
        int count = Math.Min(Columns, weight.Columns - column);
        for (int i = 0; i < rows; i++)
        {
            float* from = sums + ((long)i * Columns);
            float* to = result + ((long)(row + i) * weight.Columns) + column;
            for (int c = 0; c < count; c++)
            {
                float value = (from[c] * (rest * weight.Scale(column + c))) + (shift == null ? 0 : shift[column + c]);
                to[c] = relu ? Math.Max(value, 0) : value;
            }
        }
    }
}
