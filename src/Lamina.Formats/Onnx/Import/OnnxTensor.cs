using System.Buffers.Binary;
using System.Globalization;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Lamina;

/// <summary>
/// A tensor of a file. Its size is checked against its values' when it is created; the values are read on demand.
/// </summary>
internal sealed class OnnxTensor
{
    private readonly OnnxSource _source;
    private readonly List<(int Field, long Offset, long Length)> _segments = [];
    private readonly string? _external;
    private readonly byte[]? _memory;
    private readonly Func<byte[]>? _compute;
    private WeakReference<byte[]>? _computed;

    /// <summary>Checks a tensor.</summary>
    /// <exception cref="ModelFileException">The dimensions do not match the values.</exception>
    public OnnxTensor(TensorProto proto, OnnxSource source)
    {
        _source = source;
        Name = proto.Name;
        Type = (DataType)proto.DataType;
        Dims = [.. proto.Dims];
        Count = CountOf(Dims);
        bool isExternal = proto.DataLocation == TensorProto.Types.DataLocation.External;
        if (isExternal)
        {
            (_external, long offset, long length) = External(proto);
            _segments.Add((OnnxSchema.RawData, offset, length));
        }
        else
        {
            ReadRecords(proto.RawData.Span);
        }
        RequireSize();
    }

    /// <summary>Creates a tensor that was computed when the file was read.</summary>
    public OnnxTensor(string name, DataType type, IReadOnlyList<long> dims, byte[] values, OnnxSource source)
    {
        (Name, Type, Dims, _memory, _source) = (name, type, dims, values, source);
        Count = CountOf(Dims);
        _segments.Add((OnnxSchema.RawData, 0, values.Length));
        RequireSize();
    }

    // The values of another tensor: the same in other dimensions, or computed from them when they are read.
    private OnnxTensor(OnnxTensor from, long[] dims, Func<byte[]>? compute)
    {
        (Name, _source, Dims) = (from.Name, from._source, dims);
        (_external, _memory, _compute) = (from._external, from._memory, compute ?? from._compute);
        Type = compute is null ? from.Type : DataType.Float;
        Count = CountOf(Dims);
        _segments.AddRange(compute is null ? from._segments : [(OnnxSchema.RawData, 0, Count * sizeof(float))]);
        RequireSize();
    }

    /// <summary>Returns the same values in other dimensions.</summary>
    public OnnxTensor Reshaped(long[] dims) => new(this, dims, null);

    /// <summary>
    /// Returns a tensor of float32 whose bytes are computed when they are read, and may be discarded.
    /// </summary>
    public OnnxTensor Computed(long[] dims, Func<byte[]> compute) => new(this, dims, compute);

    public string Name { get; }

    public DataType Type { get; }

    public IReadOnlyList<long> Dims { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The size of its values in the file.</summary>
    public long Bytes => _segments.Sum(s => s.Length);

    /// <summary><see langword="true"/> if its elements are floating-point numbers of 16, 32 or 64 bits.</summary>
    public bool IsReal => Type is DataType.Float or DataType.Float16 or DataType.Double or DataType.Bfloat16;

    /// <summary>Returns the name and shape for error messages.</summary>
    public override string ToString() => $"{Quoted.Name(Name)} {TypeName} {DimsText}";

    /// <summary>The type as ONNX spells it: <c>FLOAT</c>.</summary>
    public string TypeName =>
        Enum.IsDefined(Type) ? Type.ToString().ToUpperInvariant() : ((int)Type).ToString(CultureInfo.InvariantCulture);

    private string DimsText => $"({string.Join(", ", Dims.Take(16))}{(Dims.Count > 16 ? ", …" : "")})";

    /// <summary>Reads the values in order.</summary>
    /// <param name="destination">The buffer, with as many elements as the tensor.</param>
    public void Read(Span<float> destination)
    {
        var reader = new OnnxValues(this);
        reader.Read(destination);
    }

    /// <summary>Reads integers: a shape, axes.</summary>
    /// <param name="most">The maximum number.</param>
    public long[] ReadWhole(int most)
    {
        if (Type is not (DataType.Int64 or DataType.Int32) || Count > most)
        {
            throw Error($"needs at most {most} integers");
        }
        var values = new long[Count];
        new OnnxValues(this).Read(values);
        return values;
    }

    public ModelFileException Error(string what) => new($"{_source.Path}: tensor {this}: {what}.");

    /// <summary>The segments of bytes that contain the values.</summary>
    internal IReadOnlyList<(int Field, long Offset, long Length)> Segments => _segments;

    internal void ReadBytes(long offset, Span<byte> destination)
    {
        if (_compute is not null || _memory is not null)
        {
            byte[] values = _compute is null ? _memory! : Values(_compute);
            values.AsSpan((int)offset, destination.Length).CopyTo(destination);
            return;
        }
        _source.Read(_external, offset, destination);
    }

    private byte[] Values(Func<byte[]> compute)
    {
        if (_computed is null || !_computed.TryGetTarget(out byte[]? values))
        {
            values = compute();
            _computed = new WeakReference<byte[]>(values);
        }
        return values;
    }

    private long CountOf(IReadOnlyList<long> dims)
    {
        long count = 1;
        foreach (long dim in dims)
        {
            if (dim < 0 || (dim > 0 && count > Array.MaxLength / dim))
            {
                throw Error("its dimensions are invalid");
            }
            count *= dim;
        }
        return count;
    }

    private void ReadRecords(ReadOnlySpan<byte> records)
    {
        for (; records.Length >= OnnxSkeleton.RecordBytes; records = records[OnnxSkeleton.RecordBytes..])
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(records[1..]);
            long length = BinaryPrimitives.ReadInt64LittleEndian(records[9..]);
            if (offset < 0 || length < 0 || offset > _source.Length - length)
            {
                throw Error("its values lie outside the file");
            }
            if (length > 0)
            {
                _segments.Add((records[0], offset, length));
            }
        }
        // Bytes replace typed values; of two, the last one counts, by the rules of protocol buffers.
        int raw = _segments.FindLastIndex(s => s.Field == OnnxSchema.RawData);
        int wanted = raw >= 0 ? OnnxSchema.RawData : TypedField;
        (int, long, long)? last = raw >= 0 ? _segments[raw] : null;
        _segments.RemoveAll(s => s.Field != wanted);
        if (last is { } only)
        {
            _segments.Clear();
            _segments.Add(only);
        }
    }

    private int TypedField =>
        Type switch
        {
            DataType.Float => 4,
            DataType.Double => 10,
            DataType.Int64 => 7,
            _ => 5,
        };

    internal int Size =>
        Type switch
        {
            DataType.Double or DataType.Int64 or DataType.Uint64 => 8,
            DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
            DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
            DataType.Bool or DataType.Int8 or DataType.Uint8 => 1,
            _ => 0,
        };

    private void RequireSize()
    {
        long bytes = Bytes;
        bool isVarint = _segments.Any(s => s.Field is 5 or 7);
        // Base-128 numbers have one to ten bytes; their count is known only after reading.
        bool fits = isVarint ? bytes >= Count && bytes / 10 <= Count : Size > 0 && bytes == Count * Size;
        if (!fits && (Size > 0 || bytes > 0))
        {
            throw Error($"its {Count} elements do not match {bytes} bytes of values");
        }
    }

    private (string Location, long Offset, long Length) External(TensorProto proto)
    {
        string Entry(string key) => proto.ExternalData.LastOrDefault(e => e.Key == key)?.Value ?? "";
        long Number(string key, long missing) =>
            Entry(key) is not { Length: > 0 } text ? missing
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
            : throw Error($"the {key} of its data is {Quoted.Name(text)}, which is not an integer");
        string location = Entry("location");
        long size = checked(Count * Size);
        long offset = Number("offset", 0);
        long length = Number("length", size);
        long whole = _source.ExternalLength(location);
        return length == size && offset <= whole - length
            ? (location, offset, length)
            : throw Error(
                $"its data, {length} bytes from {offset} of {Quoted.Name(location)}, is not its {size} bytes or not within {whole}"
            );
    }
}
