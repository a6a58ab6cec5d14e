namespace Lamina.Hdf5;

/// <summary>A dataset in chunks, with the index of their positions: a B-tree, one chunk, or a plain list.</summary>
internal sealed class Hdf5Chunks
{
    private enum Index
    {
        Tree,
        Single,
        Implicit,
        FixedArray,
    }

    private const string What = "a chunk index";

    private readonly Index _index;
    private readonly long _address;
    private readonly long _singleBytes;
    private readonly uint _singleSkipped;
    private readonly long[] _dims;
    private readonly int _elementSize;
    private readonly Hdf5Filters _filters;

    private Hdf5Chunks(
        Index index,
        long address,
        long[] dims,
        int elementSize,
        Hdf5Filters filters,
        long singleBytes = 0,
        uint singleSkipped = 0
    )
    {
        (_index, _address, _dims, _elementSize, _filters) = (index, address, dims, elementSize, filters);
        (_singleBytes, _singleSkipped) = (singleBytes, singleSkipped);
    }

    public static Hdf5Chunks Read(ref Hdf5Cursor cursor, byte version, Hdf5Filters filters)
    {
        byte flags = version == 4 ? cursor.U8() : (byte)0;
        int rank = cursor.U8() - 1;
        if (rank is < 0 or > 32)
        {
            throw new InvalidDataException($"a chunked dataset has {rank} dimensions");
        }
        long tree = version == 3 ? cursor.I64() : 0;
        int encoded = version == 4 ? cursor.U8() : 4;
        if (encoded is < 1 or > 8)
        {
            throw new InvalidDataException($"a chunk's sizes have {encoded} bytes");
        }
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            dims[i] = cursor.Sized(encoded);
        }
        long elementSize = cursor.Sized(encoded);
        if (elementSize is < 1 or > 64)
        {
            throw new InvalidDataException($"a chunk's elements have {elementSize} bytes");
        }
        if (version == 3)
        {
            return new Hdf5Chunks(Index.Tree, tree, dims, (int)elementSize, filters);
        }
        switch (cursor.U8())
        {
            case 1:
                bool filtered = (flags & 2) != 0;
                long bytes = filtered ? cursor.I64() : 0;
                uint skipped = filtered ? cursor.U32() : 0;
                return new Hdf5Chunks(Index.Single, cursor.I64(), dims, (int)elementSize, filters, bytes, skipped);
            case 2:
                return new Hdf5Chunks(Index.Implicit, cursor.I64(), dims, (int)elementSize, filters);
            case 3:
                cursor.Skip(1);
                return new Hdf5Chunks(Index.FixedArray, cursor.I64(), dims, (int)elementSize, filters);
            default:
                throw new InvalidDataException("a dataset can grow; Lamina reads datasets of a fixed size");
        }
    }

    /// <summary>
    /// Rejects chunks that do not fit the dataset, so that one chunk never has more bytes than all of it.
    /// </summary>
    public void Require(Hdf5Dataset dataset)
    {
        long[] dims = dataset.Space.Dims;
        bool fits = dims.Length == _dims.Length && _elementSize == dataset.Type.Size;
        for (int i = 0; fits && i < dims.Length; i++)
        {
            fits = _dims[i] >= 1 && _dims[i] <= Math.Max(1, dims[i]);
        }
        if (!fits)
        {
            throw new InvalidDataException($"the chunks of dataset {dataset} do not fit it");
        }
    }

    /// <summary>Passes on the values of every stored chunk, each once.</summary>
    public void ReadAll(Hdf5Source source, Hdf5Dataset dataset, Hdf5Values take)
    {
        if (_address < 0 || dataset.Space.Count == 0)
        {
            return;
        }
        var grid = new Hdf5ChunkGrid(dataset.Space.Dims, _dims, _elementSize);
        var seen = new HashSet<long>();
        void Chunk(long number, long address, long bytes, uint skipped)
        {
            if (!seen.Add(number))
            {
                throw new InvalidDataException($"dataset {dataset} contains a chunk twice");
            }
            byte[] stored = source.Chunk(address, bytes, $"a chunk of dataset {dataset}");
            byte[] chunk = _filters.Undo(stored, skipped, grid.ChunkBytes, _elementSize);
            grid.Copy(chunk, number, take);
        }
        switch (_index)
        {
            case Index.Tree:
                Tree(source, _address, null, grid, Chunk);
                break;
            case Index.Single:
                Chunk(0, _address, _filters.Steps.Count > 0 ? _singleBytes : grid.ChunkBytes, _singleSkipped);
                break;
            case Index.Implicit:
                for (long i = 0; i < grid.Count; i++)
                {
                    Chunk(i, _address + (i * grid.ChunkBytes), grid.ChunkBytes, uint.MaxValue);
                }
                break;
            default:
                FixedArray(source, grid, Chunk);
                break;
        }
    }

    private void Tree(
        Hdf5Source source,
        long address,
        int? level,
        Hdf5ChunkGrid grid,
        Action<long, long, long, uint> chunk
    )
    {
        var prefix = new Hdf5Cursor(source.Structure(address, 24, What), What);
        prefix.Signature("TREE"u8);
        int type = prefix.U8();
        int own = prefix.U8();
        int count = prefix.U16();
        if (type != 1 || (level is { } expected && own != expected))
        {
            throw new InvalidDataException($"{What} has a node that is not of its kind or level");
        }
        int key = 8 + (8 * (_dims.Length + 1));
        var entries = new Hdf5Cursor(source.Structure(address + 24, (long)(key + 8) * count, What), What);
        var at = new long[_dims.Length];
        for (int i = 0; i < count; i++)
        {
            long bytes = entries.U32();
            uint skipped = entries.U32();
            for (int d = 0; d < at.Length; d++)
            {
                at[d] = entries.I64();
            }
            entries.Skip(8);
            long child = entries.I64();
            if (own > 0)
            {
                Tree(source, child, own - 1, grid, chunk);
            }
            else
            {
                chunk(grid.NumberAt(at), child, bytes, skipped);
            }
        }
    }

    private void FixedArray(Hdf5Source source, Hdf5ChunkGrid grid, Action<long, long, long, uint> chunk)
    {
        byte[] header = source.Structure(_address, 28, What);
        Hdf5Checksum.Require(header, What);
        var cursor = new Hdf5Cursor(header, What);
        cursor.Signature("FAHD"u8);
        cursor.Version(0, 0);
        bool filtered = cursor.U8() == 1;
        int entrySize = cursor.U8();
        int pageBits = cursor.U8();
        long count = cursor.I64();
        long block = cursor.I64();
        int sizeBytes = entrySize - 12;
        if (count != grid.Count || (filtered ? sizeBytes is < 1 or > 8 : entrySize != 8))
        {
            throw new InvalidDataException($"{What} has {count} entries for {grid.Count} chunks");
        }
        if (block < 0)
        {
            return;
        }
        if (pageBits > 40 || count > 1L << pageBits)
        {
            throw new InvalidDataException(
                "a dataset has more chunks than Lamina reads of HDF5's newest form; write larger ones"
            );
        }
        byte[] bytes = source.Structure(block, 18 + (count * entrySize), What);
        Hdf5Checksum.Require(bytes, What);
        var entries = new Hdf5Cursor(bytes, What);
        entries.Signature("FADB"u8);
        entries.Skip(10);
        for (long i = 0; i < count; i++)
        {
            long address = entries.I64();
            long stored = filtered ? entries.Sized(sizeBytes) : grid.ChunkBytes;
            uint skipped = filtered ? entries.U32() : uint.MaxValue;
            if (address >= 0)
            {
                chunk(i, address, stored, skipped);
            }
        }
    }
}
