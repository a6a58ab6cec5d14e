using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Products of small matrices on the calling thread, at the peak rate of the processor's arithmetic, as building blocks
/// of the transformed convolutions.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants of a type argument.")]
internal static unsafe class MatrixBlock<TVector>
    where TVector : unmanaged, IFloats<TVector>
{
    /// <summary>The divisor of the number of rows; A and C must be rounded up to it.</summary>
    public const int RowMultiple = 4;

    /// <summary>The number of columns of a full panel of B: two vectors.</summary>
    public static int PanelWidth => 2 * TVector.Count;

    /// <summary>The divisor of the number of columns: one vector.</summary>
    public static int ColumnMultiple => TVector.Count;

    /// <summary>Returns a number of rows, rounded up to what <see cref="Multiply"/> accepts.</summary>
    public static int RoundUp(int rows) => (rows + RowMultiple - 1) / RowMultiple * RowMultiple;

    /// <summary>Computes C = A·B, or C += A·B, for one panel of up to <see cref="PanelWidth"/> columns.</summary>
    /// <param name="rows">The number of rows of A and C, a multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="columns">The number of columns of B and C: one vector or two.</param>
    /// <param name="depth">The number of columns of A and rows of B.</param>
    /// <param name="a">The matrix A.</param>
    /// <param name="rowStep">The distance between rows of A in elements.</param>
    /// <param name="depthStep">The distance between columns of A in elements.</param>
    /// <param name="b">The matrix B, its columns in order.</param>
    /// <param name="bStep">The distance between rows of B in elements.</param>
    /// <param name="c">The matrix C, its columns in order.</param>
    /// <param name="cStep">The distance between rows of C in elements.</param>
    /// <param name="add"><see langword="true"/> to add to C instead of replacing it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        int rows,
        int columns,
        nint depth,
        float* a,
        nint rowStep,
        nint depthStep,
        float* b,
        nint bStep,
        float* c,
        nint cStep,
        bool add = false
    )
    {
        for (int row = 0; row < rows; )
        {
            int left = rows - row;
            if (TVector.TileRows == 12)
            {
                row +=
                    left >= 12 ? Tile<Rows12, Rows12Narrow>(row)
                    : left >= 8 ? Tile<Rows8, Rows8Narrow>(row)
                    : Tile<Rows4, Rows4Narrow>(row);
            }
            else
            {
                // 6 rows use all registers; 8 are left as 4 and 4 rather than as 6 and 2.
                row += left == 6 || left >= 10 ? Tile<Rows6, Rows6Narrow>(row) : Tile<Rows4, Rows4Narrow>(row);
            }
        }

        int Tile<TWide, TNarrow>(int first)
            where TWide : struct, ITileShape
            where TNarrow : struct, ITileShape
        {
            float* from = a + (first * rowStep);
            float* to = c + (first * cStep);
            if (columns == PanelWidth)
            {
                MatrixTile<TVector, TWide>.Multiply(depth, from, rowStep, depthStep, b, bStep, to, cStep, add);
            }
            else
            {
                MatrixTile<TVector, TNarrow>.Multiply(depth, from, rowStep, depthStep, b, bStep, to, cStep, add);
            }
            return TWide.Rows;
        }
    }
}
