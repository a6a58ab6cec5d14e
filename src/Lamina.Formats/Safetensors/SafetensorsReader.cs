using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>
/// Reads safetensors files: the header when opened, then tensor by tensor. Everything in the header is checked against
/// the format and the file's length before it is used. Not thread-safe.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    private const int LengthBytes = 8;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly bool _leaveOpen;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsTensor> _byName;
    private long _position;

    /// <summary>Reads the header from a stream at its beginning.</summary>
    /// <param name="stream">The stream; without seeking, tensors can be read only in their order.</param>
    /// <param name="length">The length of the file in the stream.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <param name="leaveOpen"><see langword="true"/> to leave the stream open on Dispose.</param>
    internal SafetensorsReader(Stream stream, long length, string file, bool leaveOpen)
    {
        (_stream, _file, _leaveOpen) = (stream, file, leaveOpen);
        if (length < LengthBytes)
        {
            throw new ModelFileException($"{file}: is not a safetensors file: it has {length} bytes, fewer than 8.");
        }
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        ReadExactly(lengthBytes);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (headerLength > SafetensorsHeader.MaxLength)
        {
            throw new ModelFileException(
                $"{file}: is not a safetensors file: its header would have {headerLength} bytes, over the format's {SafetensorsHeader.MaxLength}."
            );
        }
        if ((long)headerLength > length - LengthBytes)
        {
            throw new ModelFileException(
                $"{file}: the file is cut off: its header has {headerLength} bytes, but only {length - LengthBytes} follow."
            );
        }
        var header = new byte[(int)headerLength];
        ReadExactly(header);
        _dataStart = LengthBytes + header.Length;
        (var tensors, var metadata) = SafetensorsHeader.Parse(header, length - _dataStart, file);
        (Tensors, Metadata) = (tensors, metadata);
        _byName = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read or is malformed; the message says what and where.
    /// </exception>
    public static SafetensorsReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return new SafetensorsReader(stream, stream.Length, path, leaveOpen: false);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (FileErrors.IsFileError(e))
            {
                throw FileErrors.CannotRead(path, e);
            }
            // The exception for the length of a pipe.
            if (e is NotSupportedException)
            {
                throw new ModelFileException($"{path}: is a pipe or a device, not a file. Copy it to a file first.", e);
            }
            throw;
        }
    }

    /// <summary>The tensors, in the order of their bytes in the file.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>The file's <c>__metadata__</c>; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Returns the tensor with this name; <see langword="null"/> if the file has none.</summary>
    public SafetensorsTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a float32 tensor into an array.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ModelFileException">
    /// The file has no such tensor, it is not float32, has a dimension of 0, or more than 2^31 - 1 elements.
    /// </exception>
    public NDArray Read(string name)
    {
        SafetensorsTensor tensor = Get(name);
        RequireF32(tensor);
        if (tensor.Dimensions.Any(d => d is < 1 or > int.MaxValue) || tensor.ElementCount > Array.MaxLength)
        {
            throw new ModelFileException($"{_file}: tensor {tensor} cannot be stored in an array.");
        }
        var array = new NDArray(Shape.Of([.. tensor.Dimensions.Select(d => (int)d)]));
        Read(name, array.Values);
        return array;
    }

    /// <summary>Reads a float32 tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="destination">The buffer, with exactly as many elements as the tensor.</param>
    /// <exception cref="ModelFileException">The file has no such tensor, or it is not float32.</exception>
    public void Read(string name, Span<float> destination)
    {
        SafetensorsTensor tensor = Get(name);
        RequireF32(tensor);
        if (tensor.ElementCount != destination.Length)
        {
            throw new ArgumentException(
                $"Tensor {tensor} has {tensor.ElementCount} elements, the destination {destination.Length}.",
                nameof(destination)
            );
        }
        // In blocks: the bytes of a span of floats may exceed the length of a span of bytes.
        const int Block = 1 << 20;
        for (int start = 0; start < destination.Length; start += Block)
        {
            Span<float> block = destination.Slice(start, Math.Min(Block, destination.Length - start));
            ReadAt(tensor.Offset + ((long)start * sizeof(float)), MemoryMarshal.AsBytes(block));
        }
    }

    /// <summary>Reads bytes of a tensor of any type, in the file's little-endian order.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="offset">The first byte, from the tensor's beginning.</param>
    /// <param name="destination">Receives the bytes, which must lie within the tensor.</param>
    /// <exception cref="ModelFileException">The file has no such tensor.</exception>
    public void ReadBytes(string name, long offset, Span<byte> destination)
    {
        SafetensorsTensor tensor = Get(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteCount - destination.Length);
        ReadAt(tensor.Offset + offset, destination);
    }

    /// <summary>Returns the position of a tensor in the file.</summary>
    internal long Position(string name) => _dataStart + Get(name).Offset;

    /// <summary>Returns the descriptions of the tensors.</summary>
    internal TensorDescription[] Describe() =>
        [.. Tensors.Select(t => new TensorDescription(t.Name, t.Dtype.FileName(), t.Dimensions, t.ByteCount))];

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    private SafetensorsTensor Get(string name) =>
        Find(name) ?? throw new ModelFileException($"{_file}: has no tensor {Quoted.Name(name)}.");

    private void RequireF32(SafetensorsTensor tensor)
    {
        if (tensor.Dtype != SafetensorsDtype.F32)
        {
            throw new ModelFileException($"{_file}: tensor {tensor} is not F32, the only type that Lamina supports.");
        }
    }

    private void ReadAt(long offset, Span<byte> destination)
    {
        long position = _dataStart + offset;
        if (position != _position)
        {
            _stream.Seek(position - _position, SeekOrigin.Current);
            _position = position;
        }
        ReadExactly(destination);
    }

    private void ReadExactly(Span<byte> destination)
    {
        try
        {
            _stream.ReadExactly(destination);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(_file, e);
        }
        _position += destination.Length;
    }
}
