using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Products of small matrices on the calling thread, at the peak rate of the processor's arithmetic, as building blocks
/// of the transformed convolutions. Fast if .NET has 512-bit vectors in hardware.
/// </summary>
internal static unsafe class MatrixBlock
{
    /// <summary>The number of columns of a full panel of B.</summary>
    public const int PanelWidth = 32;

    /// <summary>The maximum number of rows of C that are computed at a time.</summary>
    public const int TileRows = 12;

    /// <summary>The divisor of the number of rows; A and C must be rounded up to it.</summary>
    public const int RowMultiple = 4;

    /// <summary>The divisor of the number of columns.</summary>
    public const int ColumnMultiple = 16;

    /// <summary>Computes C = A·B, or C += A·B, for one panel of up to <see cref="PanelWidth"/> columns.</summary>
    /// <param name="rows">The number of rows of A and C, a multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="columns">The number of columns of B and C: 16 or 32.</param>
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
        int row = 0;
        for (; rows - row >= TileRows; row += TileRows)
        {
            Tile<Rows12, Rows12Narrow>(row);
        }
        if (rows - row >= 8)
        {
            Tile<Rows8, Rows8Narrow>(row);
            row += 8;
        }
        if (rows - row >= RowMultiple)
        {
            Tile<Rows4, Rows4Narrow>(row);
        }

        void Tile<TWide, TNarrow>(int first)
            where TWide : struct, ITileShape
            where TNarrow : struct, ITileShape
        {
            float* from = a + (first * rowStep);
            float* to = c + (first * cStep);
            if (columns == PanelWidth)
            {
                MatrixTile<TWide>.Multiply(depth, from, rowStep, depthStep, b, bStep, to, cStep, add);
            }
            else
            {
                MatrixTile<TNarrow>.Multiply(depth, from, rowStep, depthStep, b, bStep, to, cStep, add);
            }
        }
    }

    private readonly struct Rows12 : ITileShape
    {
        public static int Rows => 12;
        public static bool Wide => true;
    }

    private readonly struct Rows8 : ITileShape
    {
        public static int Rows => 8;
        public static bool Wide => true;
    }

    private readonly struct Rows4 : ITileShape
    {
        public static int Rows => 4;
        public static bool Wide => true;
    }

    private readonly struct Rows12Narrow : ITileShape
    {
        public static int Rows => 12;
        public static bool Wide => false;
    }

    private readonly struct Rows8Narrow : ITileShape
    {
        public static int Rows => 8;
        public static bool Wide => false;
    }

    private readonly struct Rows4Narrow : ITileShape
    {
        public static int Rows => 4;
        public static bool Wide => false;
    }
}
