using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Products of small matrices, on the calling thread, at the rate of the processor's arithmetic: what the transformed
/// convolutions are made of. Fast where .NET has 512-bit vectors in hardware.
/// </summary>
internal static unsafe class MatrixBlock
{
    /// <summary>Columns of a whole panel of B.</summary>
    public const int PanelWidth = 32;

    /// <summary>Rows of C that are computed at a time, at best.</summary>
    public const int TileRows = 12;

    /// <summary>Rows are computed in multiples of this: round up what A and C hold.</summary>
    public const int RowMultiple = 4;

    /// <summary>Columns come in multiples of this.</summary>
    public const int ColumnMultiple = 16;

    /// <summary>C = A·B, or C += A·B, for one panel of up to <see cref="PanelWidth"/> columns.</summary>
    /// <param name="rows">Rows of A and C, a multiple of <see cref="RowMultiple"/>.</param>
    /// <param name="columns">Columns of B and C: 16 or 32.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="a">A.</param>
    /// <param name="rowStep">Elements from a row of A to the next.</param>
    /// <param name="depthStep">Elements from a column of A to the next.</param>
    /// <param name="b">B, its columns in order.</param>
    /// <param name="bStep">Elements from a row of B to the next.</param>
    /// <param name="c">C, its columns in order.</param>
    /// <param name="cStep">Elements from a row of C to the next.</param>
    /// <param name="add">Whether to add to C rather than replace it.</param>
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
