using System.Runtime.InteropServices;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Signed bytes (in, out), in panels of columns, so that neighboring rows lie on few pages. The last panel's columns are padded
/// by zeros to whole cache lines.
/// </summary>
internal sealed unsafe class ByteMatrix : IDisposable
{
    private const int Line = 64;
    private const int Block = 64;

    /// <summary>The number of columns of a panel; of the last one at most.</summary>
    public const int PanelWidth = 512;

    private sbyte* _values;

    /// <summary>Transposes weights.</summary>
    /// <param name="weights">The weights, (out, in).</param>
    /// <param name="rows">The number of inputs.</param>
    /// <param name="columns">The number of outputs.</param>
    public ByteMatrix(sbyte[] weights, int rows, int columns)
    {
        (Rows, Columns, Padded) = (rows, columns, (columns + Line - 1) / Line * Line);
        _values = (sbyte*)NativeMemory.AlignedAlloc(checked((nuint)rows * (nuint)Padded), Line);
        ElementLoop.Run((rows + Block - 1) / Block, (begin, end) => Transpose(weights, begin, end), grain: 1);
    }

    ~ByteMatrix() => Free();

    /// <summary>The number of inputs.</summary>
    public int Rows { get; }

    /// <summary>The number of outputs.</summary>
    public int Columns { get; }

    /// <summary>The number of outputs, rounded up to whole cache lines.</summary>
    public int Padded { get; }

    /// <summary>Returns the address of an element.</summary>
    public sbyte* At(long row, int column)
    {
        ObjectDisposedException.ThrowIf(_values == null, this);
        int start = column / PanelWidth * PanelWidth;
        return _values + (start * (long)Rows) + (row * Stride(column)) + (column - start);
    }

    /// <summary>Returns the distance between rows of the panel with a column.</summary>
    public int Stride(int column) => Math.Min(PanelWidth, Padded - (column / PanelWidth * PanelWidth));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Transpose(sbyte[] weights, long begin, long end)
    {
        for (int row = (int)begin * Block; row < Math.Min(end * Block, Rows); row += Block)
        {
            int count = Math.Min(Block, Rows - row);
            for (int column = 0; column < Columns; column++)
            {
                ReadOnlySpan<sbyte> from = weights.AsSpan((column * Rows) + row, count);
                sbyte* to = At(row, column);
                int stride = Stride(column);
                for (int i = 0; i < from.Length; i++, to += stride)
                {
                    *to = from[i];
                }
            }
            for (int i = 0; i < count && Columns < Padded; i++)
            {
                new Span<sbyte>(At(row + i, Columns), Padded - Columns).Clear();
            }
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_values);
        _values = null;
    }
}
