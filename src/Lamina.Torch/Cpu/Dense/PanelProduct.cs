using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes x·W + b for some rows. Blocks of W and x are copied in order first: in place, rows of W that are a power of
/// two long compete for the same few cache sets, which halves oneDNN's rate. Each result is summed in a fixed order,
/// whatever the number of threads.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class PanelProduct<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    // Outputs of a block: long enough pieces of W's rows, and few enough sums for the first-level cache.
    private const int Columns = 128;
    private const int Depth = 96;
    private const int MostRows = 96;

    /// <summary>
    /// Returns <see langword="true"/> if a kernel (in, out) of these outputs is supported, and its rows compete.
    /// </summary>
    public static bool Fits(int outputs) => outputs % (2 * Columns) == 0;

    /// <summary>Computes x·W + b, (rows, out).</summary>
    /// <param name="x">The rows, (rows, in).</param>
    /// <param name="weight">The weights, (in, out), with <c>out</c> a multiple of 128.</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    /// <param name="relu"><see langword="true"/> to replace negative sums by 0.</param>
    public static Tensor Run(Tensor x, Tensor weight, Tensor? bias, bool relu)
    {
        var rows = (int)x.Sizes[0];
        var inputs = (int)x.Sizes[1];
        var outputs = (int)weight.Sizes[1];
        Tensor y = Tensor.Empty([rows, outputs]);
        float* left = x.ReadData;
        float* right = weight.ReadData;
        float* shift = bias is null ? null : bias.ReadData;
        float* result = y.WriteData();
        ElementLoop.Run(
            outputs / Columns,
            (begin, end) =>
            {
                float* memory = Scratch.Floats((MostRows * (Depth + Columns)) + (Depth * Columns));
                for (int column = (int)begin * Columns; column < end * Columns; column += Columns)
                {
                    for (int row = 0; row < rows; row += MostRows)
                    {
                        int count = Math.Min(MostRows, rows - row);
                        float* sums = memory + (MostRows * Depth) + (Depth * Columns);
                        Sum(left + ((long)row * inputs), count, right + column, inputs, outputs, memory, sums);
                        float* to = result + ((long)row * outputs) + column;
                        Write(sums, count, shift == null ? null : shift + column, relu, to, outputs);
                    }
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* x, int rows, float* weight, int inputs, int outputs, float* memory, float* sums)
    {
        int padded = MatrixBlock<TVector>.RoundUp(rows);
        float* block = memory + (MostRows * Depth);
        for (int first = 0; first < inputs; first += Depth)
        {
            int depth = Math.Min(Depth, inputs - first);
            for (int row = 0; row < rows; row++)
            {
                float* source = x + ((long)row * inputs) + first;
                new ReadOnlySpan<float>(source, depth).CopyTo(new Span<float>(memory + (row * depth), depth));
            }
            new Span<float>(memory + (rows * depth), (padded - rows) * depth).Clear();
            Pack(weight + ((long)first * outputs), outputs, depth, block);
            for (int panel = 0; panel < Columns; panel += MatrixBlock<TVector>.PanelWidth)
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

    // Row by row, as W lies in memory, to all panels. The same columns of the next block are prefetched: pieces of rows
    // are too short for the processor's own prefetcher.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* weight, int outputs, int depth, float* block)
    {
        int width = MatrixBlock<TVector>.PanelWidth;
        for (int row = 0; row < depth; row++, weight += outputs)
        {
            float* to = block + (row * width);
            float* next = weight + ((long)Depth * outputs);
            for (int panel = 0; panel < Columns; panel += width, to += depth * width)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch1(next + panel);
                }
                TVector.Load(weight + panel).Store(to);
                TVector.Load(weight + panel + TVector.Count).Store(to + TVector.Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(float* sums, int rows, float* bias, bool relu, float* result, int outputs)
    {
        for (int row = 0; row < rows; row++, sums += Columns, result += outputs)
        {
            for (int c = 0; c < Columns; c += TVector.Count)
            {
                TVector value = TVector.Load(sums + c);
                value = bias == null ? value : value + TVector.Load(bias + c);
                value = relu ? TVector.Max(value, default) : value;
                value.Store(result + c);
            }
        }
    }
}
