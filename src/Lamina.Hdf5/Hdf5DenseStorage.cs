namespace Lamina.Hdf5;

/// <summary>
/// Links and attributes of objects that have many of them, in HDF5's newer form: a heap with a B-tree as its index.
/// </summary>
internal static class Hdf5DenseStorage
{
    // Records of a tree of links by name: a hash, the position in the heap. Of attributes by name: the position, flags,
    // order, hash.
    private const int LinksByName = 5;
    private const int AttributesByName = 8;

    /// <summary>Returns the link messages that a link info message points to.</summary>
    public static IEnumerable<byte[]> Links(Hdf5Source source, byte[] info)
    {
        var cursor = new Hdf5Cursor(info, "a link info");
        cursor.Version(0, 0);
        cursor.Skip((cursor.U8() & 1) != 0 ? 8 : 0);
        return Objects(source, cursor.I64(), cursor.I64(), LinksByName, heapIdAt: 4);
    }

    /// <summary>Returns the attribute messages that an attribute info message points to.</summary>
    public static IEnumerable<byte[]> Attributes(Hdf5Source source, byte[] info)
    {
        var cursor = new Hdf5Cursor(info, "an attribute info");
        cursor.Version(0, 0);
        cursor.Skip((cursor.U8() & 1) != 0 ? 2 : 0);
        return Objects(source, cursor.I64(), cursor.I64(), AttributesByName, heapIdAt: 0);
    }

    private static List<byte[]> Objects(Hdf5Source source, long heapAddress, long treeAddress, int type, int heapIdAt)
    {
        var objects = new List<byte[]>();
        if (heapAddress < 0 || treeAddress < 0)
        {
            return objects;
        }
        var heap = new Hdf5FractalHeap(source, heapAddress);
        Hdf5Tree2.Read(source, treeAddress, type, record => objects.Add(heap.Object(record[heapIdAt..])));
        return objects;
    }
}

/// <summary>Receives a record of a tree.</summary>
internal delegate void Hdf5Record(ReadOnlySpan<byte> record);

/// <summary>B-trees of the second kind, with at most two levels: about ten thousand records.</summary>
internal static class Hdf5Tree2
{
    private const string What = "a tree of names";

    public static void Read(Hdf5Source source, long address, int type, Hdf5Record take)
    {
        byte[] header = source.Structure(address, 38, What);
        Hdf5Checksum.Require(header, What);
        var cursor = new Hdf5Cursor(header, What);
        cursor.Signature("BTHD"u8);
        cursor.Version(0, 0);
        int ownType = cursor.U8();
        long nodeSize = cursor.U32();
        int recordSize = cursor.U16();
        int depth = cursor.U16();
        cursor.Skip(2);
        long root = cursor.I64();
        int count = cursor.U16();
        if (ownType != type || recordSize < 11 || depth > 1 || nodeSize < 64)
        {
            throw new InvalidDataException($"{What} has a kind or depth that Lamina does not support");
        }
        if (root >= 0)
        {
            Node(source, root, count, depth, type, recordSize, (int)Math.Min(nodeSize, int.MaxValue), take);
        }
    }

    private static void Node(
        Hdf5Source source,
        long address,
        int count,
        int depth,
        int type,
        int recordSize,
        int nodeSize,
        Hdf5Record take
    )
    {
        // The maximum number of records of a leaf decides the width of the counts in the node above it.
        int countBytes = Width((nodeSize - 10) / recordSize);
        int pointer = depth > 0 ? 8 + countBytes : 0;
        byte[] bytes = source.Structure(address, 10 + ((long)count * recordSize) + ((count + 1L) * pointer), What);
        Hdf5Checksum.Require(bytes, What);
        var cursor = new Hdf5Cursor(bytes, What);
        cursor.Signature(depth > 0 ? "BTIN"u8 : "BTLF"u8);
        cursor.Version(0, 0);
        if (cursor.U8() != type)
        {
            throw new InvalidDataException($"{What} has a node of another kind");
        }
        for (int i = 0; i < count; i++)
        {
            take(cursor.Bytes(recordSize));
        }
        for (int i = 0; depth > 0 && i <= count; i++)
        {
            long child = cursor.I64();
            Node(source, child, (int)cursor.Sized(countBytes), depth - 1, type, recordSize, nodeSize, take);
        }
    }

    private static int Width(int most) =>
        most < 1 << 8 ? 1
        : most < 1 << 16 ? 2
        : 3;
}

/// <summary>A fractal heap: objects by their offset in a space that a table of growing blocks covers.</summary>
internal sealed class Hdf5FractalHeap
{
    private const string What = "a heap";

    private readonly Hdf5Source _source;
    private readonly int _offsetBytes;
    private readonly int _lengthBytes;
    private readonly int _width;
    private readonly long _startBlock;
    private readonly long _maxDirect;
    private readonly long _root;
    private readonly int _rows;

    public Hdf5FractalHeap(Hdf5Source source, long address)
    {
        _source = source;
        byte[] header = source.Structure(address, 146, What);
        Hdf5Checksum.Require(header, What);
        var cursor = new Hdf5Cursor(header, What);
        cursor.Signature("FRHP"u8);
        cursor.Version(0, 0);
        cursor.Skip(2);
        int filters = cursor.U16();
        cursor.Skip(1);
        long maxManaged = cursor.U32();
        cursor.Skip(12 * 8);
        _width = cursor.U16();
        _startBlock = cursor.I64();
        _maxDirect = cursor.I64();
        int heapBits = cursor.U16();
        cursor.Skip(2);
        _root = cursor.I64();
        _rows = cursor.U16();
        if (filters != 0 || heapBits is < 1 or > 63 || _width is < 1 or > 1024 || _rows > 64)
        {
            throw new InvalidDataException($"{What} of names has a form that Lamina does not support");
        }
        if (_startBlock is < 1 or > 1 << 30 || _maxDirect < _startBlock || _maxDirect > 1 << 30)
        {
            throw new InvalidDataException($"{What} of names has blocks of {_startBlock} to {_maxDirect} bytes");
        }
        _offsetBytes = (heapBits + 7) / 8;
        _lengthBytes = Bytes(Math.Min(_maxDirect, maxManaged));
    }

    /// <summary>Returns the object with this identifier.</summary>
    public byte[] Object(ReadOnlySpan<byte> identifier)
    {
        var cursor = new Hdf5Cursor(identifier, "a heap's identifier");
        if ((cursor.U8() & 0xf0) != 0)
        {
            throw new InvalidDataException(
                "a link or attribute is too long for its heap, which Lamina does not support"
            );
        }
        long offset = cursor.Sized(_offsetBytes);
        long length = cursor.Sized(_lengthBytes);
        if (offset < 0 || length < 0 || _root < 0)
        {
            throw new InvalidDataException($"an object lies outside {What}");
        }
        return _rows == 0 ? InBlock(_root, _startBlock, offset, length) : InTable(_root, _rows, offset, length);
    }

    // In a table of blocks, the first two rows have the starting size, each other row twice that of the previous one.
    private byte[] InTable(long address, int rows, long offset, long length)
    {
        long rowStart = 0;
        for (int row = 0; row < rows; row++)
        {
            long size = _startBlock << Math.Max(0, row - 1);
            if (size > _maxDirect)
            {
                throw new InvalidDataException("a group has more names than Lamina supports in HDF5's newer form");
            }
            if (offset < rowStart + (size * _width))
            {
                long column = (offset - rowStart) / size;
                long entry = address + 13 + _offsetBytes + (8 * ((row * (long)_width) + column));
                var cursor = new Hdf5Cursor(_source.Structure(entry, 8, What), What);
                new Hdf5Cursor(_source.Structure(address, 4, What), What).Signature("FHIB"u8);
                return InBlock(cursor.I64(), size, (offset - rowStart) % size, length);
            }
            rowStart += size * _width;
        }
        throw new InvalidDataException($"an object lies outside {What}");
    }

    private byte[] InBlock(long address, long size, long offset, long length)
    {
        if (length > size - offset)
        {
            throw new InvalidDataException($"an object lies outside {What}'s block");
        }
        new Hdf5Cursor(_source.Structure(address, 4, What), What).Signature("FHDB"u8);
        return _source.Structure(address + offset, length, What);
    }

    private static int Bytes(long most)
    {
        int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)most);
        return Math.Max(1, (bits + 7) / 8);
    }
}
