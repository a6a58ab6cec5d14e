using System.Buffers.Binary;

namespace Lamina;

/// <summary>
/// A file without its tensors' values: the fields that are read, as a protocol buffer again, with the positions of
/// values in their place. It is bounded before objects are created from it, as a message of two bytes becomes an object
/// of hundreds.
/// </summary>
internal sealed class OnnxSkeleton
{
    // The memory of an object and of a byte of the skeleton.
    private const long BytesAMessage = 400;
    private const long BytesAByte = 16;
    private const long FreeBytes = 32L << 20;

    /// <summary>The length of a record: the field, the position, the length.</summary>
    public const int RecordBytes = 17;

    private const int LengthBytes = 5;

    private readonly WireInput _input;
    private readonly string _file;
    private byte[] _output = new byte[1024];
    private int _length;
    private long _messages;

    private OnnxSkeleton(WireInput input, string file) => (_input, _file) = (input, file);

    /// <summary>Reads a file's skeleton.</summary>
    /// <param name="stream">The file, at its beginning.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <param name="schema">The fields to read.</param>
    /// <exception cref="ModelFileException">The file is malformed, or too large for its length.</exception>
    public static ReadOnlyMemory<byte> Read(Stream stream, long length, string file, OnnxSchema schema)
    {
        var skeleton = new OnnxSkeleton(new WireInput(stream, length, file), file);
        skeleton.Enter(schema, length);
        return skeleton._output.AsMemory(0, skeleton._length);
    }

    private void Enter(OnnxSchema schema, long end)
    {
        _messages++;
        var values = new List<byte>();
        while (_input.Position < end)
        {
            ulong tag = _input.Varint(end);
            if (tag > uint.MaxValue || tag >> 3 == 0)
            {
                throw _input.Malformed("a field has no number");
            }
            var field = (int)(tag >> 3);
            var type = (WireType)(tag & 7);
            (FieldUse Use, OnnxSchema? Message)? entry = schema[field];
            if (entry is { Use: FieldUse.Enter } && type == WireType.Bytes)
            {
                EnterField(tag, entry.Value.Message!, end);
            }
            else if (entry is { Use: FieldUse.Values })
            {
                Record(values, field, type, end);
            }
            else
            {
                Copy(tag, type, entry is { Use: FieldUse.Keep }, end);
            }
            RequireBounded(values.Count);
        }
        if (values.Count > 0)
        {
            Write(((ulong)OnnxSchema.RawData << 3) | (ulong)WireType.Bytes);
            Write((ulong)values.Count);
            values.CopyTo(Room(values.Count));
        }
    }

    private void EnterField(ulong tag, OnnxSchema message, long end)
    {
        long length = _input.LengthPrefix(end);
        Write(tag);
        int place = _length;
        _ = Room(LengthBytes);
        Enter(message, _input.Position + length);
        // A number may have more bytes than it needs, so the length reserves space before it is known.
        int written = _length - place - LengthBytes;
        for (int i = 0; i < LengthBytes; i++)
        {
            _output[place + i] = (byte)((written & 0x7f) | (i < LengthBytes - 1 ? 0x80 : 0));
            written >>= 7;
        }
    }

    private void Record(List<byte> records, int field, WireType type, long end)
    {
        long start = _input.Position;
        long length;
        switch (type)
        {
            case WireType.Bytes:
                length = _input.LengthPrefix(end);
                start = _input.Position;
                _input.Skip(length, end);
                break;
            case WireType.Varint when field is 5 or 7:
                _ = _input.Varint(end);
                length = _input.Position - start;
                break;
            case WireType.Fixed32 when field == 4:
                _input.Skip(length = 4, end);
                break;
            case WireType.Fixed64 when field == 10:
                _input.Skip(length = 8, end);
                break;
            default:
                throw _input.Malformed("a tensor's values have a wrong type");
        }
        Span<byte> record = stackalloc byte[RecordBytes];
        record[0] = (byte)field;
        BinaryPrimitives.WriteInt64LittleEndian(record[1..], start);
        BinaryPrimitives.WriteInt64LittleEndian(record[9..], length);
        records.AddRange(record);
    }

    private void Copy(ulong tag, WireType type, bool keep, long end)
    {
        switch (type)
        {
            case WireType.Varint:
                ulong value = _input.Varint(end);
                if (keep)
                {
                    Write(tag);
                    Write(value);
                }
                break;
            case WireType.Fixed32:
            case WireType.Fixed64:
                CopyBytes(tag, null, type == WireType.Fixed32 ? 4 : 8, keep, end);
                break;
            case WireType.Bytes:
                long length = _input.LengthPrefix(end);
                CopyBytes(tag, length, length, keep, end);
                break;
            default:
                throw _input.Malformed($"a field has the type {(int)type}, which ONNX does not use");
        }
    }

    private void CopyBytes(ulong tag, long? prefix, long length, bool keep, long end)
    {
        if (!keep)
        {
            _input.Skip(length, end);
            return;
        }
        RequireBounded(length);
        Write(tag);
        if (prefix is { } count)
        {
            Write((ulong)count);
        }
        _input.Read(Room((int)length), end);
    }

    private void RequireBounded(long more)
    {
        long cost = (_messages * BytesAMessage) + ((_length + more) * BytesAByte);
        if (cost > FreeBytes + _input.Length)
        {
            throw new ModelFileException(
                $"{_file}: its graph, without the tensors' values, is too large for a file of {_input.Length} bytes."
            );
        }
    }

    private void Write(ulong value)
    {
        while (value >= 0x80)
        {
            Room(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }
        Room(1)[0] = (byte)value;
    }

    private Span<byte> Room(int count)
    {
        if (_output.Length - _length < count)
        {
            Array.Resize(ref _output, checked(Math.Max(_length + count, _output.Length * 2)));
        }
        _length += count;
        return _output.AsSpan(_length - count, count);
    }

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }
}
