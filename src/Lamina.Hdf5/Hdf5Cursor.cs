using System.Buffers.Binary;

namespace Lamina.Hdf5;

/// <summary>Reads numbers one after another, in HDF5's little-endian order.</summary>
internal ref struct Hdf5Cursor(ReadOnlySpan<byte> bytes, string what)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly int Left => _rest.Length;

    public byte U8() => Bytes(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    /// <summary>
    /// Reads an address or length. Values that do not fit 63 bits become −1, which is also HDF5's "undefined".
    /// </summary>
    public long I64() =>
        BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)) is var v && v <= long.MaxValue ? (long)v : -1;

    /// <summary>Reads a number of 1 to 8 bytes.</summary>
    public long Sized(int size)
    {
        ulong value = 0;
        ReadOnlySpan<byte> digits = Bytes(size);
        for (int i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | digits[i];
        }
        return value <= long.MaxValue ? (long)value : -1;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new InvalidDataException($"{what} ends too early");
        }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public void Skip(int count) => Bytes(count);

    /// <summary>Requires the four letters that begin a structure.</summary>
    public void Signature(ReadOnlySpan<byte> letters)
    {
        if (!Bytes(letters.Length).SequenceEqual(letters))
        {
            throw new InvalidDataException($"{what} does not begin with its signature");
        }
    }

    /// <summary>Requires one of a structure's versions.</summary>
    public byte Version(byte least, byte most)
    {
        byte version = U8();
        return version >= least && version <= most
            ? version
            : throw new InvalidDataException($"{what} has version {version}, which Lamina does not support");
    }
}
