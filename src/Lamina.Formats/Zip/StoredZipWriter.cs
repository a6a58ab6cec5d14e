using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Lamina;

/// <summary>
/// Writes a zip archive of stored entries, each at a multiple of 64 bytes, as torch.save does, so that they can be
/// mapped. One pass: sizes and CRCs follow the content; ZIP64 if a number requires it. Equal content produces equal
/// bytes.
/// </summary>
/// <param name="stream">The stream of the archive, which need not support seeking.</param>
/// <param name="zip64From">The first number that is written as ZIP64; lower in tests.</param>
internal sealed class StoredZipWriter(Stream stream, long zip64From = uint.MaxValue)
{
    private const int Alignment = 64;
    private const ushort FlagsOfName = 0x0800;
    private const ushort SizesFollow = 0x0008;

    // The first day that a zip archive can represent.
    private const ushort Date = (1 << 5) | 1;

    // The extra field that fills up to the alignment has the same identifier as torch.save's.
    private const ushort Padding = 0x4246;
    private const ushort Zip64 = 1;

    private readonly List<(byte[] Name, long Start, long Length, uint Crc)> _entries = [];
    private long _position;

    /// <summary>Adds an entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">The number of bytes.</param>
    /// <param name="write">Writes the bytes, in parts.</param>
    public void Add(string name, long length, Action<Action<ReadOnlySpan<byte>>> write)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        long start = _position;
        bool wide = length >= zip64From;
        WriteLocalHeader(nameBytes, wide);
        var crc = new Crc32();
        long written = 0;
        write(bytes =>
        {
            crc.Append(bytes);
            Write(bytes);
            written += bytes.Length;
        });
        if (written != length)
        {
            throw new ArgumentException($"{name} has {written} bytes, not {length}.", nameof(write));
        }
        uint hash = crc.GetCurrentHashAsUInt32();
        var descriptor = new Record();
        descriptor.U32(0x08074b50).U32(hash).Size(length, wide).Size(length, wide);
        Write(descriptor.Bytes);
        _entries.Add((nameBytes, start, length, hash));
    }

    /// <summary>Adds a small entry.</summary>
    public void Add(string name, byte[] content) => Add(name, content.Length, write => write(content));

    /// <summary>Writes the directory; nothing can be added afterwards.</summary>
    public void Finish()
    {
        long start = _position;
        foreach ((byte[] name, long offset, long length, uint crc) in _entries)
        {
            bool wide = length >= zip64From || offset >= zip64From;
            var extra = new Record();
            if (wide)
            {
                extra.U16(Zip64).U16(24).U64(length).U64(length).U64(offset);
            }
            var header = new Record();
            header.U32(0x02014b50).U16(wide ? 45 : 20).U16(wide ? 45 : 20).U16(FlagsOfName | SizesFollow).U16(0);
            header.U16(0).U16(Date).U32(crc).U32(Narrow(length, wide)).U32(Narrow(length, wide));
            header.U16(name.Length).U16(extra.Bytes.Length).U16(0).U16(0).U16(0).U32(0).U32(Narrow(offset, wide));
            Write(header.Bytes);
            Write(name);
            Write(extra.Bytes);
        }
        long size = _position - start;
        bool wideEnd = start >= zip64From || size >= zip64From || _entries.Count >= ushort.MaxValue;
        var end = new Record();
        if (wideEnd)
        {
            long at = _position;
            end.U32(0x06064b50).U64(44).U16(45).U16(45).U32(0).U32(0);
            end.U64(_entries.Count).U64(_entries.Count).U64(size).U64(start);
            end.U32(0x07064b50).U32(0).U64(at).U32(1);
        }
        int count = wideEnd ? ushort.MaxValue : _entries.Count;
        end.U32(0x06054b50).U16(0).U16(0).U16(count).U16(count).U32(Narrow(size, wideEnd)).U32(Narrow(start, wideEnd));
        end.U16(0);
        Write(end.Bytes);
    }

    private void WriteLocalHeader(byte[] name, bool wide)
    {
        var extra = new Record();
        if (wide)
        {
            // Says that the sizes that follow the content have 8 bytes each.
            extra.U16(Zip64).U16(16).U64(0).U64(0);
        }
        long content = _position + 30 + name.Length + extra.Bytes.Length + 4;
        int padding = (int)((Alignment - (content % Alignment)) % Alignment);
        extra.U16(Padding).U16(padding);
        var header = new Record();
        header.U32(0x04034b50).U16(wide ? 45 : 20).U16(FlagsOfName | SizesFollow).U16(0).U16(0).U16(Date).U32(0);
        header.U32(wide ? uint.MaxValue : 0).U32(wide ? uint.MaxValue : 0);
        header.U16(name.Length).U16(extra.Bytes.Length + padding);
        Write(header.Bytes);
        Write(name);
        Write(extra.Bytes);
        Write(stackalloc byte[padding]);
    }

    private static uint Narrow(long number, bool wide) => wide ? uint.MaxValue : checked((uint)number);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }

    /// <summary>A record of little-endian numbers.</summary>
    private sealed class Record
    {
        private readonly List<byte> _bytes = [];

        public ReadOnlySpan<byte> Bytes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

        public Record U16(int value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
            _bytes.AddRange(bytes);
            return this;
        }

        public Record U32(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            _bytes.AddRange(bytes);
            return this;
        }

        public Record U64(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            _bytes.AddRange(bytes);
            return this;
        }

        public Record Size(long value, bool wide) => wide ? U64(value) : U32(checked((uint)value));
    }
}
