namespace Lamina;

/// <summary>
/// Reads a tensor whose elements are not contiguous: a transposed, sliced or expanded view of its storage. Bytes are
/// read through a window, so that neighbors cost one read.
/// </summary>
internal sealed class StridedReader
{
    private const int WindowBytes = 1 << 16;
    private const int FirstWindowBytes = 1 << 12;

    private readonly ElementType _type;
    private readonly bool _isSwapped;
    private readonly ByteReader _read;
    private readonly long _start;
    private readonly long _storageBytes;
    private readonly long[] _sizes;
    private readonly long[] _strides;
    private readonly byte[] _window;
    private long _windowStart;
    private int _windowLength;
    private long _position;

    private StridedReader(PickleTensor view, (long Size, long Stride)[] dims, bool isSwapped, ByteReader read)
    {
        (_type, _isSwapped, _read, _start) = (view.Type, isSwapped, read, view.Offset);
        _storageBytes = view.Storage.Count * view.Storage.Type.Size();
        _window = new byte[Math.Min(WindowBytes, _storageBytes)];
        _sizes = [.. dims.Select(d => d.Size)];
        _strides = [.. dims.Select(d => d.Stride)];
    }

    /// <summary>Begins to read a tensor.</summary>
    /// <param name="view">The tensor, with two elements or more.</param>
    /// <param name="isSwapped"><see langword="true"/> if its bytes are in the opposite order of this machine's.</param>
    /// <param name="read">Reads bytes of its storage.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <exception cref="ModelFileException">
    /// The tensor is a transposed view of more elements than its storage has.
    /// </exception>
    public static FloatReader Open(PickleTensor view, bool isSwapped, ByteReader read, string file)
    {
        (long Size, long Stride)[] dims = [.. view.Sizes.Zip(view.Strides).Where(d => d.First != 1)];
        (long Size, long Stride)[] byPlace = [.. dims.OrderByDescending(d => d.Stride)];
        // Along an expanded dimension nothing moves, wherever it is.
        if (byPlace.Where(d => d.Stride > 0).SequenceEqual(dims.Where(d => d.Stride > 0)))
        {
            return new StridedReader(view, dims, isSwapped, read).Read;
        }
        long count = dims.Aggregate(1L, (product, d) => product * d.Size);
        if (count > view.Storage.Count || count > Array.MaxLength)
        {
            throw new ModelFileException(
                $"{file}: a tensor {SourceTensor.Text(view.Sizes)} repeats the {view.Storage.Count} elements of its storage in another order. Save it with .contiguous()."
            );
        }
        // Read in the order of the file, and stored in that of the tensor.
        float[] values = new StridedReader(view, byPlace, isSwapped, read).ReadScattered(dims, (int)count);
        int given = 0;
        return destination =>
        {
            values.AsSpan(given, destination.Length).CopyTo(destination);
            given += destination.Length;
        };
    }

    private void Read(Span<float> values)
    {
        while (values.Length > 0)
        {
            (long place, _, long left) = Locate(_position, []);
            Span<float> run = values[..(int)Math.Min(left, values.Length)];
            ReadRun(place, run);
            _position += run.Length;
            values = values[run.Length..];
        }
    }

    private float[] ReadScattered((long Size, long Stride)[] order, int count)
    {
        // The position of each of these dimensions in the tensor's own order; equal ones may change places.
        var targets = new long[_sizes.Length];
        var taken = new bool[order.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            int at = Enumerable.Range(0, order.Length).First(d => !taken[d] && order[d] == (_sizes[i], _strides[i]));
            taken[at] = true;
            targets[i] = order[(at + 1)..].Aggregate(1L, (product, d) => product * d.Size);
        }
        var values = new float[count];
        Span<float> buffer = new float[Math.Min(count, 1 << 14)];
        for (long p = 0; p < count; )
        {
            (long place, long target, long left) = Locate(p, targets);
            Span<float> run = buffer[..(int)Math.Min(left, buffer.Length)];
            ReadRun(place, run);
            for (int i = 0; i < run.Length; i++)
            {
                values[target + (i * targets[^1])] = run[i];
            }
            p += run.Length;
        }
        return values;
    }

    // The position of an element in the storage and in the target, and the number that follow along the innermost
    // dimension.
    private (long Place, long Target, long Left) Locate(long index, long[] targets)
    {
        long place = _start;
        long target = 0;
        long left = _sizes[^1] - (index % _sizes[^1]);
        for (int i = _sizes.Length - 1; i >= 0; i--)
        {
            (index, long coordinate) = Math.DivRem(index, _sizes[i]);
            place += coordinate * _strides[i];
            target += targets.Length > 0 ? coordinate * targets[i] : 0;
        }
        return (place, target, left);
    }

    private void ReadRun(long place, Span<float> run)
    {
        int size = _type.Size();
        long stride = _strides[^1];
        if (stride == 1)
        {
            while (run.Length > 0)
            {
                ReadOnlySpan<byte> bytes = Fetch(place, run.Length);
                int count = bytes.Length / size;
                _type.ToFloats(bytes, run[..count]);
                place += count;
                run = run[count..];
            }
            return;
        }
        for (int i = 0; i < run.Length; i++)
        {
            if (i > 0 && stride == 0)
            {
                run[i..].Fill(run[0]);
                return;
            }
            _type.ToFloats(Fetch(place + (i * stride), 1), run.Slice(i, 1));
        }
    }

    // Bytes of at least one element at this position, and at most that many.
    private ReadOnlySpan<byte> Fetch(long place, int count)
    {
        int size = _type.Size();
        long at = place * size;
        if (at < _windowStart || at >= _windowStart + _windowLength)
        {
            // A reader that continues where the window ends will do so again; others get little.
            bool goesOn = at == _windowStart + _windowLength && _windowLength > 0;
            _windowStart = at;
            long most = Math.Max(goesOn || count * (long)size >= WindowBytes ? WindowBytes : FirstWindowBytes, size);
            _windowLength = (int)Math.Min(most, _storageBytes - at) / size * size;
            Span<byte> window = _window.AsSpan(0, _windowLength);
            _read(at, window);
            if (_isSwapped)
            {
                _type.SwapBytes(window);
            }
        }
        int start = (int)(at - _windowStart);
        return _window.AsSpan(start, (int)Math.Min((long)count * size, _windowLength - start));
    }
}
