using System.Text;

namespace Lamina.Hdf5;

/// <summary>
/// The state that the objects of one file share: its bytes, and the heap of texts of variable length.
/// </summary>
internal sealed class Hdf5Reader(Hdf5Source source)
{
    private readonly Dictionary<long, byte[]> _collections = [];

    public Hdf5Source Source => source;

    /// <summary>Returns the texts of an attribute.</summary>
    public string[] Texts(Hdf5Type type, Hdf5Space space, ReadOnlySpan<byte> values)
    {
        // In NumPy, an empty list of names is one of numbers.
        if (space.Count == 0)
        {
            return [];
        }
        if (type.Kind is not (Hdf5Kind.Text or Hdf5Kind.TextReference))
        {
            throw new InvalidDataException($"an attribute has type {type.Name} instead of text");
        }
        if (space.Count > values.Length / type.Size)
        {
            throw new InvalidDataException("an attribute has more elements than bytes");
        }
        var texts = new string[space.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            ReadOnlySpan<byte> element = values.Slice(i * type.Size, type.Size);
            texts[i] = type.Kind == Hdf5Kind.Text ? Fixed(element, type.SpacePadded) : Referenced(element);
        }
        return texts;
    }

    private static string Fixed(ReadOnlySpan<byte> bytes, bool spacePadded)
    {
        int end = bytes.IndexOf((byte)0);
        bytes = end >= 0 ? bytes[..end] : bytes;
        return Encoding.UTF8.GetString(spacePadded ? bytes.TrimEnd((byte)' ') : bytes);
    }

    // The length, then the address of a collection and the index of an object in it.
    private string Referenced(ReadOnlySpan<byte> element)
    {
        var cursor = new Hdf5Cursor(element, "a text");
        long length = cursor.U32();
        long address = cursor.I64();
        uint index = cursor.U32();
        if (length == 0)
        {
            return "";
        }
        if (!_collections.TryGetValue(address, out byte[]? collection))
        {
            _collections[address] = collection = Collection(address);
        }
        var rest = new Hdf5Cursor(collection, "a text heap");
        while (rest.Left >= 16)
        {
            int number = rest.U16();
            rest.Skip(6);
            long size = rest.I64();
            if (number == 0 || size < 0 || size > rest.Left)
            {
                break;
            }
            ReadOnlySpan<byte> bytes = rest.Bytes((int)size);
            if (number == index)
            {
                if (length > size)
                {
                    break;
                }
                bytes = bytes[..(int)length];
                return Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
            }
            rest.Skip((int)Math.Min(rest.Left, (8 - (size % 8)) % 8));
        }
        throw new InvalidDataException($"a text is not in its heap at {address}");
    }

    private byte[] Collection(long address)
    {
        const string What = "a text heap";
        var cursor = new Hdf5Cursor(source.Structure(address, 16, What), What);
        cursor.Signature("GCOL"u8);
        cursor.Version(1, 1);
        cursor.Skip(3);
        long size = cursor.I64();
        return size < 16
            ? throw new InvalidDataException($"a text heap has {size} bytes")
            : source.Structure(address + 16, size - 16, What);
    }
}
