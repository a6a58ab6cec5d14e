using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes the gradient of a dense layer's kernel, xᵀ·g, as a sum of one outer product per sample. Each element is
/// summed in a fixed order, whatever the number of threads.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
internal static unsafe class OuterProducts<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    private const int PieceRows = 96;

    /// <summary>Returns <see langword="true"/> if a kernel (in, out) of these sizes is supported.</summary>
    public static bool Fits(int inputs, int outputs) =>
        inputs % MatrixBlock<TVector>.RowMultiple == 0 && outputs % MatrixBlock<TVector>.ColumnMultiple == 0;

    /// <summary>Computes xᵀ·g, (in, out).</summary>
    /// <param name="x">The inputs, (N, in), with <c>in</c> a multiple of 4.</param>
    /// <param name="gradient">The gradient, (N, out), with <c>out</c> a multiple of a vector.</param>
    public static Tensor Sum(Tensor x, Tensor gradient)
    {
        var samples = (int)x.Sizes[0];
        var inputs = (int)x.Sizes[1];
        var outputs = (int)gradient.Sizes[1];
        Tensor result = Tensor.Empty([inputs, outputs]);
        float* rows = x.ReadData;
        float* columns = gradient.ReadData;
        float* sums = result.WriteData();
        // Panels of the gradient and columns of x are copied in order: in place, neighbors are kilobytes apart and
        // compete for the same few cache sets.
        float* panels = Scratch.SharedFloats((long)samples * outputs);
        ElementLoop.Run(
            (outputs + MatrixBlock<TVector>.PanelWidth - 1) / MatrixBlock<TVector>.PanelWidth,
            (begin, end) =>
            {
                for (int panel = (int)begin; panel < end; panel++)
                {
                    int first = panel * MatrixBlock<TVector>.PanelWidth;
                    int width = Math.Min(MatrixBlock<TVector>.PanelWidth, outputs - first);
                    Gather(columns + first, outputs, samples, width, panels + ((long)first * samples));
                }
            },
            grain: 4
        );
        ElementLoop.Run(
            (inputs + PieceRows - 1) / PieceRows,
            (begin, end) =>
            {
                float* packed = Scratch.Floats((long)PieceRows * samples);
                for (int piece = (int)begin; piece < end; piece++)
                {
                    int first = piece * PieceRows;
                    int count = Math.Min(PieceRows, inputs - first);
                    Gather(rows + first, inputs, samples, count, packed);
                    Piece(packed, count, samples, panels, outputs, sums + ((long)first * outputs));
                }
            },
            grain: 1
        );
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece(float* packed, int count, int samples, float* panels, int outputs, float* sums)
    {
        for (int column = 0; column < outputs; column += MatrixBlock<TVector>.PanelWidth)
        {
            int width = Math.Min(MatrixBlock<TVector>.PanelWidth, outputs - column);
            MatrixBlock<TVector>.Multiply(
                count,
                width,
                samples,
                packed,
                1,
                count,
                panels + ((long)column * samples),
                width,
                sums + column,
                outputs
            );
        }
    }

    // Copies some columns of a matrix, row by row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(float* from, long step, int rows, int columns, float* to)
    {
        for (int row = 0; row < rows; row++)
        {
            new ReadOnlySpan<float>(from + (row * step), columns).CopyTo(new Span<float>(to, columns));
            to += columns;
        }
    }
}
