using System.Text;

namespace Lamina.Hdf5;

/// <summary>Texts in global heaps, to which attributes refer. Equal texts are stored once.</summary>
internal sealed class Hdf5TextHeap
{
    private const int HeaderLength = 16;

    // libhdf5 refuses smaller collections.
    private const int MinLength = 4096;

    // A collection's entries are numbered by 16 bits; this is a size at which reading one remains cheap.
    private const int FullLength = 1 << 16;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<Hdf5Bytes> _collections = [];
    private ulong[] _addresses = [];
    private uint _next;

    /// <summary>Adds a text, before the heaps are written.</summary>
    public void Add(string text)
    {
        if (text.Length == 0 || _entries.ContainsKey(text))
        {
            return;
        }
        if (_collections.Count == 0 || _collections[^1].Length > FullLength)
        {
            _collections.Add(new Hdf5Bytes());
            _next = 1;
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Hdf5Bytes collection = _collections[^1];
        _entries[text] = new Entry(_collections.Count - 1, _next, (uint)bytes.Length);
        // Its number, no count of references, four reserved bytes, and the length.
        collection.U32(_next++);
        collection.U32(0);
        collection.U64((ulong)bytes.Length);
        collection.Add(bytes);
        collection.Add(new byte[(8 - (bytes.Length % 8)) % 8]);
    }

    /// <summary>Writes the heaps at an aligned position of a stream.</summary>
    public void Write(Stream stream)
    {
        _addresses = new ulong[_collections.Count];
        for (int i = 0; i < _collections.Count; i++)
        {
            Hdf5Bytes collection = _collections[i];
            int free = Math.Max(MinLength - HeaderLength - collection.Length, HeaderLength);
            var bytes = new Hdf5Bytes();
            bytes.Add("GCOL"u8);
            bytes.Add([1, 0, 0, 0]);
            bytes.U64((ulong)(HeaderLength + collection.Length + free));
            bytes.Add(collection.Written);
            // Entry 0 is the free space; its length includes its own header.
            bytes.U64(0);
            bytes.U64((ulong)free);
            bytes.Add(new byte[free - HeaderLength]);
            _addresses[i] = (ulong)stream.Position;
            stream.Write(bytes.Written);
        }
    }

    /// <summary>Returns the 16 bytes that refer to a text; an empty one is nowhere.</summary>
    public ReadOnlySpan<byte> Reference(string text)
    {
        var reference = new Hdf5Bytes();
        if (_entries.TryGetValue(text, out Entry entry))
        {
            reference.U32(entry.Length);
            reference.U64(_addresses[entry.Collection]);
            reference.U32(entry.Number);
        }
        else
        {
            reference.Add(new byte[16]);
        }
        return reference.Written;
    }

    private readonly record struct Entry(int Collection, uint Number, uint Length);
}
