using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Products of some rows of bytes and a matrix of signed bytes, whose sums are exact. Blocks of the matrix are widened to pairs
/// of 16 bits, in the order in which tiles read them.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class ByteLinear<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    // Outputs of a block, as whole cache lines: long enough pieces of rows, and few enough sums for the first-level cache.
    private const int Columns = 128;
    private const int Depth = 192;
    private const int MostRows = 96;

    /// <summary>Computes the outputs, (rows, out).</summary>
    /// <param name="x">Bytes, (rows, in).</param>
    /// <param name="weights">The weights.</param>
    /// <param name="scale">The conversion of the sums.</param>
    public static Tensor Run(Tensor x, ByteMatrix weights, SumScale<TVector> scale)
    {
        var rows = (int)x.Sizes[0];
        Tensor y = Tensor.Empty([rows, weights.Columns], scale.Type);
        if (rows == 0)
        {
            return y;
        }
        void* result = y.WriteRaw();
        if (rows == 1)
        {
            ByteRowProduct<TVector>.Run((byte*)x.ReadRaw, weights, scale, result);
        }
        else
        {
            RunBlocks((byte*)x.ReadRaw, rows, weights, scale, result);
        }
        GC.KeepAlive(x);
        GC.KeepAlive(weights);
        return y;
    }

    private static void RunBlocks(byte* x, int rows, ByteMatrix weights, SumScale<TVector> scale, void* result)
    {
        int inputs = weights.Rows;
        int stride = (inputs + 1) / 2 * 2;
        int padded = PairBlock<TVector>.RoundUp(rows);
        var wide = (short*)Scratch.SharedFloats((long)padded * stride / 2);
        for (int row = 0; row < rows; row++)
        {
            wide[((long)row * stride) + stride - 1] = 0;
            Bytes<TVector>.Widen(x + ((long)row * inputs), wide + ((long)row * stride), inputs);
        }
        new Span<short>(wide + ((long)rows * stride), (padded - rows) * stride).Clear();
        ElementLoop.Run(
            (weights.Padded + Columns - 1) / Columns,
            (begin, end) =>
            {
                var sums = (int*)Scratch.Floats((MostRows * Columns) + (Depth * Columns / 2));
                var block = (short*)(sums + (MostRows * Columns));
                for (int column = (int)begin * Columns; column < end * Columns; column += Columns)
                {
                    int columns = Math.Min(Columns, weights.Padded - column);
                    for (int row = 0; row < rows; row += MostRows)
                    {
                        int count = Math.Min(MostRows, rows - row);
                        Sum(wide + ((long)row * stride), count, stride, weights, column, columns, block, sums);
                        Write(sums, row, count, weights.Columns, column, columns, scale, result);
                    }
                }
            },
            grain: 1
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(
        short* x,
        int rows,
        int stride,
        ByteMatrix weights,
        int column,
        int columns,
        short* block,
        int* sums
    )
    {
        int padded = PairBlock<TVector>.RoundUp(rows);
        for (int first = 0; first < weights.Rows; first += Depth)
        {
            int depth = Math.Min(Depth, weights.Rows - first);
            int pairs = (depth + 1) / 2;
            Pack(weights, first, depth, column, columns, block);
            for (int panel = 0; panel < columns; panel += PairBlock<TVector>.PanelWidth)
            {
                PairBlock<TVector>.Multiply(
                    padded,
                    x + first,
                    stride,
                    pairs,
                    block + ((nint)panel * pairs * 2),
                    sums + panel,
                    Columns,
                    first > 0 ? SumStart.Sums : SumStart.Zero
                );
            }
        }
    }

    // Two rows at a time, as they lie in memory, to all panels. The same columns of the next block are prefetched: pieces of
    // rows are too short for the processor's own prefetcher.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(ByteMatrix weights, int first, int depth, int column, int columns, short* block)
    {
        sbyte* zeros = stackalloc sbyte[2 * Columns];
        new Span<sbyte>(zeros, 2 * Columns).Clear();
        int width = 2 * PairBlock<TVector>.PanelWidth;
        int pairs = (depth + 1) / 2;
        int stride = weights.Stride(column);
        sbyte* upper = weights.At(first, column);
        for (int pair = 0; pair < pairs; pair++, block += width, upper += 2 * stride)
        {
            sbyte* lower = (2 * pair) + 1 < depth ? upper + stride : zeros;
            if (Sse.IsSupported)
            {
                sbyte* next = upper + ((long)Depth * stride);
                Sse.Prefetch1(next);
                Sse.Prefetch1(next + 64);
                Sse.Prefetch1(next + stride);
                Sse.Prefetch1(next + stride + 64);
            }
            short* to = block;
            for (int panel = 0; panel < columns; panel += PairBlock<TVector>.PanelWidth, to += pairs * width)
            {
                TVector.Pairs(upper + panel, lower + panel).Store(to);
                TVector.Pairs(upper + panel + TVector.Count, lower + panel + TVector.Count).Store(to + (width / 2));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(
        int* sums,
        int row,
        int rows,
        int outputs,
        int column,
        int columns,
        SumScale<TVector> scale,
        void* result
    )
    {
        for (int panel = 0; panel < Math.Min(columns, outputs - column); panel += PairBlock<TVector>.PanelWidth)
        {
            int first = column + panel;
            scale.Write(
                sums + panel,
                Columns,
                rows,
                first / PairBlock<TVector>.PanelWidth,
                Math.Min(PairBlock<TVector>.PanelWidth, outputs - first),
                result,
                ((nint)row * outputs) + first,
                outputs
            );
        }
    }
}
