using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;

namespace Lamina;

/// <summary>
/// A safetensors file mapped into memory. Arrays are views of the file's own bytes: opening reads only the header, and
/// the system loads a tensor's pages when they are used and may discard them again. Writing to an array changes the
/// array but not the file. Arrays are valid until this object is disposed.
/// </summary>
public sealed class SafetensorsMap : IDisposable
{
    private readonly SafetensorsSource _source;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, NDArray> _arrays = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly long _length;
    private bool _isDisposed;

    private SafetensorsMap(string path, FileStream stream)
    {
        _length = stream.Length;
        // One handle for both: the name may later refer to another file.
        _source = new SafetensorsSource(new SafetensorsReader(stream, stream.Length, path, leaveOpen: false), path);
        _file = MemoryMappedFile.CreateFromFile(
            stream,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.CopyOnWrite,
            HandleInheritability.None,
            leaveOpen: true
        );
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite);
    }

    /// <summary>Opens a file.</summary>
    /// <remarks>
    /// The file must not be shortened while it is mapped; replacing it, as <see cref="AtomicFile"/> does, is safe.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read or is malformed; the message says what and where.
    /// </exception>
    public static SafetensorsMap Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Of(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
    }

    /// <summary>Maps an open file, and closes it with this object or if it cannot be mapped.</summary>
    internal static SafetensorsMap Of(string path, FileStream stream)
    {
        try
        {
            return new SafetensorsMap(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Returns the SHA-256 of the whole file, in lowercase hexadecimal digits.</summary>
    internal unsafe string Sha256()
    {
        const int Block = 1 << 24;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var start = (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle() + _view.PointerOffset;
        for (long at = 0; at < _length; at += Block)
        {
            hash.AppendData(new ReadOnlySpan<byte>(start + at, (int)Math.Min(Block, _length - at)));
        }
        GC.KeepAlive(this);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>The tensors, in the order of their bytes in the file.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => _source.Reader.Tensors;

    /// <summary>The file's <c>__metadata__</c>; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _source.Reader.Metadata;

    /// <summary>
    /// The tensor with this name. F32 is a view of the mapped file if its offset is a multiple of four bytes, as all
    /// common writers ensure; other types are converted to float32 once.
    /// </summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="ModelFileException">
    /// The file has no such tensor, or it has no elements, more than 2^31 - 1, or elements that cannot be converted to
    /// float32.
    /// </exception>
    public NDArray this[string name]
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (!_arrays.TryGetValue(name, out NDArray? array))
                {
                    _arrays[name] = array = Create(name);
                }
                return array;
            }
        }
    }

    /// <summary>Unmaps the file. Its arrays must not be used afterwards.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _view.Dispose();
            _file.Dispose();
            _source.Dispose();
        }
    }

    /// <summary>Returns the values of a float32 tensor as a view of the file; <see langword="null"/> if it must be converted.</summary>
    internal Memory<float>? View(SafetensorsTensor tensor)
    {
        long offset = _source.Reader.Position(tensor.Name);
        return
            tensor.Dtype == SafetensorsDtype.F32
            && offset % sizeof(float) == 0
            && BitConverter.IsLittleEndian
            && tensor.ElementCount is > 0 and <= int.MaxValue
            ? new MappedFloats(this, offset, (int)tensor.ElementCount).Memory
            : null;
    }

    private NDArray Create(string name)
    {
        SourceTensor tensor =
            _source.Tensors.FirstOrDefault(t => t.Name == name)
            ?? throw new ModelFileException($"{_source.File}: has no tensor {Quoted.Name(name)}.");
        long offset = _source.Reader.Position(name);
        bool isShown =
            tensor.Type == ElementType.Float32
            && offset % sizeof(float) == 0
            && BitConverter.IsLittleEndian
            && tensor.Count is > 0 and <= int.MaxValue
            && tensor.Dimensions.All(d => d is > 0 and <= int.MaxValue);
        return isShown
            ? new NDArray(
                Shape.Of([.. tensor.Dimensions.Select(d => (int)d)]),
                new MappedFloats(this, offset, (int)tensor.Count).Memory
            )
            : Arrays.Read(_source, tensor);
    }

    /// <summary>The floats of the file as memory.</summary>
    private sealed unsafe class MappedFloats(SafetensorsMap map, long offset, int count) : MemoryManager<float>
    {
        public override Span<float> GetSpan()
        {
            ObjectDisposedException.ThrowIf(map._isDisposed, map);
            return new Span<float>(Pointer, count);
        }

        // Mapped memory does not move.
        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(map._isDisposed, map);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)count, nameof(elementIndex));
            return new MemoryHandle((float*)Pointer + elementIndex);
        }

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }

        private void* Pointer =>
            (byte*)map._view.SafeMemoryMappedViewHandle.DangerousGetHandle() + map._view.PointerOffset + offset;
    }
}
