using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Products of matrices of 16-bit integers, a panel of two vectors of columns at a time, on the calling thread.</summary>
/// <typeparam name="TVector">The vectors.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants of a type argument.")]
internal static unsafe class PairBlock<TVector>
    where TVector : unmanaged, IIntegers<TVector>
{
    /// <summary>The divisor of the number of rows.</summary>
    public const int RowMultiple = 4;

    /// <summary>The number of columns of a panel.</summary>
    public static int PanelWidth => 2 * TVector.Count;

    /// <summary>Rounds a number of rows up to a multiple of <see cref="RowMultiple"/>.</summary>
    public static int RoundUp(int rows) => (rows + RowMultiple - 1) / RowMultiple * RowMultiple;

    /// <summary>Computes a panel of C = A·B.</summary>
    /// <param name="rows">The number of rows of A, a multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="a">The rows of A.</param>
    /// <param name="rowStep">The distance between rows of A in elements.</param>
    /// <param name="pairs">Half the number of columns of A.</param>
    /// <param name="b">The panel of B: for each pair of its rows, two vectors.</param>
    /// <param name="c">The panel of C.</param>
    /// <param name="cStep">The distance between rows of C in elements.</param>
    /// <param name="start">The values that sums start from.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        int rows,
        short* a,
        nint rowStep,
        nint pairs,
        short* b,
        int* c,
        nint cStep,
        SumStart start
    )
    {
        while (rows > 0)
        {
            // 8 and 4 rows remain as fours, everything else starts with sixes.
            int count = rows is 4 or 8 ? 4 : 6;
            if (count == 6)
            {
                PairTile<TVector, Rows6>.Multiply(a, rowStep, pairs, b, c, cStep, start);
            }
            else
            {
                PairTile<TVector, Rows4>.Multiply(a, rowStep, pairs, b, c, cStep, start);
            }
            a += count * rowStep;
            c += count * cStep;
            rows -= count;
        }
    }
}
