using System.Diagnostics.CodeAnalysis;
using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>
/// A tensor of libtorch, as a handle that this object owns. Dispose it when it is no longer needed; the finalizer is
/// only a safety net. Several tensors can share one storage (<see cref="View"/>, <see cref="Duplicate"/>).
/// </summary>
internal sealed unsafe partial class Tensor : IDisposable
{
    private readonly long[] _sizes;
    private readonly long[] _strides;
    private readonly nint _storage;
    private readonly LiveStorage _live;
    private readonly void* _data;
    private readonly StorageMeter? _meter = StorageMeter.Current;
    private nint _handle;

    /// <summary>Takes ownership of a handle.</summary>
    internal Tensor(nint handle)
    {
        _handle = handle;
        long rank;
        long* sizes;
        long* strides;
        int dtype;
        int deviceType;
        int deviceIndex;
        long offset;
        long bytes;
        void* data;
        Check(aoti_torch_get_dim(handle, &rank));
        Check(aoti_torch_get_sizes(handle, &sizes));
        Check(aoti_torch_get_strides(handle, &strides));
        Check(aoti_torch_get_dtype(handle, &dtype));
        Check(aoti_torch_get_device_type(handle, &deviceType));
        Check(aoti_torch_get_device_index(handle, &deviceIndex));
        Check(aoti_torch_get_data_ptr(handle, &data));
        Check(aoti_torch_get_storage_offset(handle, &offset));
        Check(aoti_torch_get_storage_size(handle, &bytes));
        _sizes = rank == 0 ? [] : new ReadOnlySpan<long>(sizes, (int)rank).ToArray();
        _strides = rank == 0 ? [] : new ReadOnlySpan<long>(strides, (int)rank).ToArray();
        DType = (DType)dtype;
        Device = deviceType == 0 ? Device.Cpu : Device.Cuda(deviceIndex);
        Count = 1;
        foreach (long size in _sizes)
        {
            Count *= size;
        }
        _data = data;
        _storage = (nint)data - (nint)(offset * DType.Size());
        _live = LiveStorage.Add(_storage, bytes, _meter);
    }

    ~Tensor()
    {
        // While the process ends, libtorch's own destructors run beside the finalizer's thread; the memory is released
        // anyway.
        if (!TorchLibrary.IsEnding)
        {
            Free();
        }
    }

    /// <summary>The dimensions, outermost first.</summary>
    public ReadOnlySpan<long> Sizes => _sizes;

    /// <summary>The dimensions, for op arguments; not to be changed.</summary>
    internal long[] SizesArray => _sizes;

    /// <summary>The distance in elements between neighbors along each dimension.</summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>The number of dimensions.</summary>
    public int Rank => _sizes.Length;

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The device whose memory holds the elements: <see cref="Device.Cpu"/> or a GPU.</summary>
    public Device Device { get; }

    /// <summary>
    /// The number of writes to the storage, through this tensor or any other that shares it. Data derived from the
    /// values, such as a packed weight, is stale once this has changed.
    /// </summary>
    public long Version => _live.Version;

    /// <summary>
    /// Counts a write. Every write to a tensor goes through <see cref="WriteData"/>, <see cref="WriteSpan"/>,
    /// <see cref="WriteElements"/>, <see cref="WriteRaw"/>, a method of this class, or an in-place call of
    /// <see cref="Dispatcher"/>, each of which counts.
    /// </summary>
    internal void MarkWritten() => _live.Written();

    /// <summary><see langword="true"/> if managed loops may run over the elements: float32 on the CPU.</summary>
    public bool IsCpuFloat => Device.IsCpu && DType == DType.Float32;

    /// <summary>The handle, for calls; keep this object alive until the call returns.</summary>
    internal nint Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _handle;
        }
    }

    /// <summary><see langword="true"/> if the elements are in order without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = Rank - 1; i >= 0; i--)
            {
                if (_sizes[i] != 1 && _strides[i] != expected)
                {
                    return false;
                }
                expected *= _sizes[i];
            }
            return true;
        }
    }

    /// <summary>The address of the elements for reading, for a contiguous float32 tensor on the CPU.</summary>
    public float* ReadData
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return IsCpuFloat && IsContiguous
                ? (float*)_data
                : throw new InvalidOperationException($"{this} is not contiguous float32 on the CPU.");
        }
    }

    /// <summary>The address of the first element for reading; on a GPU, in the GPU's memory.</summary>
    internal void* ReadRaw
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            return _data;
        }
    }

    /// <summary>
    /// Returns the address of the elements for writing, for a contiguous float32 tensor on the CPU; counts as a write.
    /// </summary>
    public float* WriteData()
    {
        float* data = ReadData;
        MarkWritten();
        return data;
    }

    /// <summary>Returns the address of the first element for writing; counts as a write.</summary>
    internal void* WriteRaw()
    {
        void* data = ReadRaw;
        MarkWritten();
        return data;
    }

    /// <summary>Returns the same elements, contiguous, in other sizes; shares the storage.</summary>
    public Tensor View(params ReadOnlySpan<long> sizes)
    {
        long count = 1;
        foreach (long size in sizes)
        {
            count *= size;
        }
        if (count != Count || !IsContiguous)
        {
            throw new InvalidOperationException($"{this} cannot be viewed as [{Join(sizes)}].");
        }
        Span<long> strides = stackalloc long[sizes.Length];
        Contiguous(sizes, strides);
        return Restride(sizes, strides);
    }

    /// <summary>
    /// Returns a tensor with other sizes and strides over the same storage, from this tensor's first element (plus an
    /// offset).
    /// </summary>
    internal Tensor Restride(ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides, long offset = 0)
    {
        TorchLibrary.Use();
        nint handle;
        fixed (long* size = sizes)
        fixed (long* stride = strides)
        {
            Check(aoti_torch__reinterpret_tensor(Handle, sizes.Length, size, stride, offset, &handle));
        }
        GC.KeepAlive(this);
        return new Tensor(handle);
    }

    /// <summary>Returns a second tensor over the same storage.</summary>
    public Tensor Duplicate()
    {
        TorchLibrary.Use();
        nint handle;
        Check(aoti_torch_new_tensor_handle(Handle, &handle));
        GC.KeepAlive(this);
        return new Tensor(handle);
    }

    /// <summary>Returns <see langword="true"/> if two tensors share a storage.</summary>
    public bool SharesStorage(Tensor other) => _storage != 0 && _storage == other._storage && Device == other.Device;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            // Removed from the count first: once freed, another thread's tensor may get the same address.
            bool isLast = LiveStorage.Remove(_storage, _meter);
            _ = aoti_torch_delete_tensor_object(handle);
            if (isLast)
            {
                BlockPool.Return(_storage);
            }
        }
    }

    private void RequireSizes(ReadOnlySpan<long> sizes)
    {
        if (!sizes.SequenceEqual(_sizes))
        {
            throw new InvalidOperationException($"{this} does not accept a tensor [{Join(sizes)}].");
        }
    }

    private void RequireCount(int count)
    {
        if (count != Count)
        {
            throw new InvalidOperationException($"{this} has {Count} elements, not {count}.");
        }
    }

    private static void Contiguous(ReadOnlySpan<long> sizes, Span<long> strides)
    {
        long stride = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = checked(stride * Math.Max(1, sizes[i]));
        }
    }

    private static long ByteCount(ReadOnlySpan<long> sizes, DType dtype)
    {
        long bytes = dtype.Size();
        foreach (long size in sizes)
        {
            bytes = checked(bytes * size);
        }
        return bytes;
    }

    internal static void Check(int rc)
    {
        if (rc != 0)
        {
            ThrowFailed();
        }
    }

    [DoesNotReturn]
    private static void ThrowFailed() =>
        throw new TorchException(
            "A call of libtorch failed; its own message is on standard error. Please report this."
        );

    private static string Join(ReadOnlySpan<long> sizes) => string.Join(", ", sizes.ToArray());

    /// <inheritdoc/>
    public override string ToString() => $"{DType} [{Join(_sizes)}] on {Device}";
}
