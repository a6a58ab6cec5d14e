using System.Buffers;
using System.Buffers.Binary;

namespace Lamina.Hdf5;

/// <summary>Bytes of a structure of the file, little-endian.</summary>
internal sealed class Hdf5Bytes
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>The number of bytes.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Add(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(2), value);
        _buffer.Advance(2);
    }

    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    /// <summary>Appends a message of an object header.</summary>
    public void Message(int type, Hdf5Bytes content) => Message(type, content.Written);

    /// <summary>Appends a message of an object header.</summary>
    public void Message(int type, ReadOnlySpan<byte> content)
    {
        Add([(byte)type]);
        U16(checked((ushort)content.Length));
        Add([0]);
        Add(content);
    }

    /// <summary>Returns the bytes followed by their checksum.</summary>
    public ReadOnlySpan<byte> Sealed()
    {
        U32(Hdf5Checksum.Compute(Written));
        return Written;
    }
}
