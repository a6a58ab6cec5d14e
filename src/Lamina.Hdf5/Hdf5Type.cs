using System.Globalization;

namespace Lamina.Hdf5;

/// <summary>The kinds of elements that Lamina distinguishes.</summary>
internal enum Hdf5Kind
{
    Float,
    BFloat,
    Integer,
    Text,
    TextReference,
    Other,
}

/// <summary>The element type of a dataset or attribute.</summary>
internal sealed record Hdf5Type(Hdf5Kind Kind, int Size, bool BigEndian, bool Signed, bool SpacePadded)
{
    /// <summary>The name in NumPy.</summary>
    public string Name =>
        Kind switch
        {
            Hdf5Kind.Float => string.Create(CultureInfo.InvariantCulture, $"float{8 * Size}"),
            Hdf5Kind.BFloat => "bfloat16",
            Hdf5Kind.Integer => string.Create(CultureInfo.InvariantCulture, $"{(Signed ? "" : "u")}int{8 * Size}"),
            Hdf5Kind.Text or Hdf5Kind.TextReference => "text",
            _ => "other",
        };

    public static Hdf5Type Read(ReadOnlySpan<byte> bytes)
    {
        var cursor = new Hdf5Cursor(bytes, "a datatype");
        byte versionAndClass = cursor.U8();
        if (versionAndClass >> 4 is < 1 or > 4)
        {
            throw new InvalidDataException(
                $"a datatype has version {versionAndClass >> 4}, which Lamina does not support"
            );
        }
        ReadOnlySpan<byte> bits = cursor.Bytes(3);
        long size = cursor.U32();
        if (size is 0 or > int.MaxValue)
        {
            throw new InvalidDataException($"a datatype has {size} bytes");
        }
        bool big = (bits[0] & 1) != 0;
        return (versionAndClass & 15) switch
        {
            0 => new Hdf5Type(Hdf5Kind.Integer, (int)size, big, (bits[0] & 8) != 0, false),
            1 => new Hdf5Type(FloatKind(ref cursor, (int)size, bits), (int)size, big, true, false),
            3 => new Hdf5Type(Hdf5Kind.Text, (int)size, false, false, (bits[0] & 15) == 2),
            9 when (bits[0] & 15) == 1 => new Hdf5Type(Hdf5Kind.TextReference, (int)size, false, false, false),
            _ => new Hdf5Type(Hdf5Kind.Other, (int)size, false, false, false),
        };
    }

    // The IEEE formats, by the position of their exponent and mantissa; anything else is not read as numbers.
    private static Hdf5Kind FloatKind(ref Hdf5Cursor cursor, int size, ReadOnlySpan<byte> bits)
    {
        int offset = cursor.U16();
        int precision = cursor.U16();
        (int exponentAt, int exponent) = (cursor.U8(), cursor.U8());
        (int mantissaAt, int mantissa) = (cursor.U8(), cursor.U8());
        uint bias = cursor.U32();
        bool plain = offset == 0 && precision == 8 * size && mantissaAt == 0 && (bits[0] & 0x40) == 0;
        return (plain, size, exponentAt, exponent, mantissa, bias) switch
        {
            (true, 2, 10, 5, 10, 15) or (true, 4, 23, 8, 23, 127) or (true, 8, 52, 11, 52, 1023) => Hdf5Kind.Float,
            (true, 2, 7, 8, 7, 127) => Hdf5Kind.BFloat,
            _ => Hdf5Kind.Other,
        };
    }
}

/// <summary>The dimensions of a dataset or attribute; empty for a scalar.</summary>
internal sealed record Hdf5Space(long[] Dims, long Count)
{
    private const int MaxRank = 32;

    // More than any real file has, and far from overflow when multiplied by an element's size.
    private const long MaxCount = 1L << 40;

    public static Hdf5Space Read(ReadOnlySpan<byte> bytes)
    {
        var cursor = new Hdf5Cursor(bytes, "a dataspace");
        byte version = cursor.Version(1, 2);
        int rank = cursor.U8();
        byte flags = cursor.U8();
        byte type = cursor.U8();
        if (version == 1)
        {
            cursor.Skip(4);
        }
        if (rank > MaxRank || (flags & ~3) != 0)
        {
            throw new InvalidDataException($"a dataspace has {rank} dimensions");
        }
        if (version == 2 && type == 2)
        {
            return new Hdf5Space([0], 0);
        }
        var dims = new long[rank];
        long count = 1;
        for (int i = 0; i < rank; i++)
        {
            dims[i] = cursor.I64();
            if (dims[i] < 0 || (dims[i] > 0 && count > MaxCount / dims[i]))
            {
                throw new InvalidDataException("a dataspace has more than 2^40 elements");
            }
            count *= dims[i];
        }
        return new Hdf5Space(dims, count);
    }
}
