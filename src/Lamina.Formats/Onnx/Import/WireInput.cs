namespace Lamina;

/// <summary>The bytes of a protocol buffer, read once in order; parts may be skipped.</summary>
internal sealed class WireInput(Stream stream, long length, string file)
{
    private readonly byte[] _buffer = new byte[(int)Math.Min(1 << 16, Math.Max(length, 1))];
    private int _next;
    private int _count;

    /// <summary>The position of the next byte in the file.</summary>
    public long Position { get; private set; }

    public long Length { get; } = length;

    /// <summary>Reads a base-128 number.</summary>
    /// <param name="end">The end of the message.</param>
    public ulong Varint(long end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte(end);
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw Malformed("a number has more than ten bytes");
    }

    /// <summary>Reads the length of what follows, which ends within the message.</summary>
    public long LengthPrefix(long end)
    {
        ulong size = Varint(end);
        return size <= (ulong)(end - Position)
            ? (long)size
            : throw Malformed("a part is longer than the message around it");
    }

    /// <summary>Copies bytes out.</summary>
    public void Read(Span<byte> destination, long end)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = Byte(end);
        }
    }

    /// <summary>Skips bytes.</summary>
    public void Skip(long count, long end)
    {
        if (count > end - Position)
        {
            throw Malformed("a part is longer than the message around it");
        }
        int buffered = (int)Math.Min(count, _count - _next);
        _next += buffered;
        if (count > buffered)
        {
            stream.Seek(count - buffered, SeekOrigin.Current);
        }
        Position += count;
    }

    public ModelFileException Malformed(string what) =>
        new($"{file}: is not an ONNX file, or is damaged: at byte {Position}, {what}.");

    private byte Byte(long end)
    {
        if (Position >= end)
        {
            throw Malformed("a part ends too early");
        }
        if (_next == _count)
        {
            _next = 0;
            _count = stream.Read(_buffer);
            if (_count == 0)
            {
                throw Malformed("the file ends too early");
            }
        }
        Position++;
        return _buffer[_next++];
    }
}
