using System.Runtime.InteropServices;

namespace Lamina.Torch.Cpu;

/// <summary>Signed bytes (in, out), whose rows are padded by zeros to whole cache lines.</summary>
internal sealed unsafe class ByteMatrix : IDisposable
{
    private const int Line = 64;
    private const int Block = 64;

    private sbyte* _values;

    /// <summary>Transposes weights.</summary>
    /// <param name="weights">The weights, (out, in).</param>
    /// <param name="rows">The number of inputs.</param>
    /// <param name="columns">The number of outputs.</param>
    public ByteMatrix(sbyte[] weights, int rows, int columns)
    {
        (Rows, Columns, Stride) = (rows, columns, (columns + Line - 1) / Line * Line);
        _values = (sbyte*)NativeMemory.AlignedAlloc(checked((nuint)rows * (nuint)Stride), Line);
        ElementLoop.Run((rows + Block - 1) / Block, (begin, end) => Transpose(weights, begin, end), grain: 1);
    }

    ~ByteMatrix() => Free();

    /// <summary>The number of inputs.</summary>
    public int Rows { get; }

    /// <summary>The number of outputs.</summary>
    public int Columns { get; }

    /// <summary>The distance between rows: the number of outputs, rounded up.</summary>
    public int Stride { get; }

    /// <summary>Returns the address of an element.</summary>
    public sbyte* At(long row, int column)
    {
        ObjectDisposedException.ThrowIf(_values == null, this);
        return _values + (row * Stride) + column;
    }

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
                for (int i = 0; i < from.Length; i++, to += Stride)
                {
                    *to = from[i];
                }
            }
            for (int i = 0; i < count; i++)
            {
                new Span<sbyte>(At(row + i, Columns), Stride - Columns).Clear();
            }
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_values);
        _values = null;
    }
}
