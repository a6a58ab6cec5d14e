namespace Lamina.Hdf5;

/// <summary>The grid of chunks that covers a dataset: their indices, row by row, and the values in each.</summary>
internal sealed class Hdf5ChunkGrid
{
    private readonly long[] _dims;
    private readonly long[] _chunk;
    private readonly long[] _counts;
    private readonly int _elementSize;

    /// <summary>Creates a grid of chunks that are no larger than the dataset in any dimension.</summary>
    public Hdf5ChunkGrid(long[] dims, long[] chunk, int elementSize)
    {
        (_dims, _chunk, _elementSize) = (dims, chunk, elementSize);
        _counts = [.. dims.Select((d, i) => (d + chunk[i] - 1) / chunk[i])];
        Count = _counts.Aggregate(1L, (product, n) => checked(product * n));
        ChunkBytes = checked((int)(chunk.Aggregate((long)elementSize, (product, n) => checked(product * n))));
    }

    /// <summary>The number of chunks.</summary>
    public long Count { get; }

    /// <summary>The number of bytes of a chunk, also at the edges.</summary>
    public int ChunkBytes { get; }

    /// <summary>Returns the index of the chunk that begins at this element.</summary>
    public long NumberAt(long[] at)
    {
        long number = 0;
        for (int i = 0; i < at.Length; i++)
        {
            if (at[i] < 0 || at[i] >= _dims[i] || at[i] % _chunk[i] != 0)
            {
                throw new InvalidDataException("a chunk does not begin at a position of the grid of chunks");
            }
            number = (number * _counts[i]) + (at[i] / _chunk[i]);
        }
        return number;
    }

    /// <summary>Passes on a chunk's values within the dataset's edges, run by run.</summary>
    public void Copy(byte[] chunk, long number, Hdf5Values take)
    {
        int rank = _dims.Length;
        if (rank == 0)
        {
            take(chunk, 0, 1);
            return;
        }
        var start = new long[rank];
        for (int i = rank - 1; i >= 0; i--)
        {
            start[i] = number % _counts[i] * _chunk[i];
            number /= _counts[i];
        }
        int run = (int)Math.Min(_chunk[^1], _dims[^1] - start[^1]);
        long rows = ChunkBytes / _elementSize / _chunk[^1];
        for (long row = 0; row < rows; row++)
        {
            long rest = row;
            long element = start[^1];
            long stride = _dims[^1];
            bool inside = true;
            for (int i = rank - 2; i >= 0; i--)
            {
                long at = start[i] + (rest % _chunk[i]);
                rest /= _chunk[i];
                inside &= at < _dims[i];
                element += at * stride;
                stride *= _dims[i];
            }
            if (inside)
            {
                int offset = (int)(row * _chunk[^1]) * _elementSize;
                take(chunk.AsSpan(offset, run * _elementSize), element, run);
            }
        }
    }
}
