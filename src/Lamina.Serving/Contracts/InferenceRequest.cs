using System.Buffers;

namespace Lamina.Serving;

/// <summary>An inference request, whichever protocol it came by.</summary>
internal sealed class InferenceRequest
{
    /// <summary>The identifier that the response repeats; null if there is none.</summary>
    public string? Id { get; set; }

    /// <summary>The input tensors.</summary>
    public List<InputTensor> Inputs { get; } = [];

    /// <summary>The outputs that the client wants; empty for all.</summary>
    public List<RequestedOutput> Outputs { get; } = [];

    /// <summary>The priority level, 1 for the highest; 0 for the default.</summary>
    public ulong Priority { get; set; }

    /// <summary>The time that the request may take, in microseconds; 0 for the default.</summary>
    public ulong TimeoutMicroseconds { get; set; }

    /// <summary><see langword="true"/> to return outputs as binary data, unless an output says otherwise.</summary>
    public bool BinaryOutput { get; set; }
}

/// <summary>An input tensor of a request: its values in one of three forms.</summary>
internal sealed class InputTensor
{
    public string Name { get; set; } = "";

    public string DataType { get; set; } = "";

    public IReadOnlyList<long> Shape { get; set; } = [];

    /// <summary>The values as the protocol's raw data, little-endian.</summary>
    public ReadOnlyMemory<byte>? Raw { get; set; }

    /// <summary>The values as numbers; the array may be longer.</summary>
    public ReadOnlyMemory<float>? Floats { get; set; }

    /// <summary>The elements of a BYTES tensor.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? Elements { get; set; }
}

/// <summary>An output that a request names.</summary>
internal sealed class RequestedOutput
{
    public string Name { get; set; } = "";

    /// <summary><see langword="true"/> to return the output as binary data; <see langword="null"/> for the request's default.</summary>
    public bool? Binary { get; set; }

    /// <summary>The number of classes to return instead of the tensor; 0 for the tensor.</summary>
    public int Classification { get; set; }
}

/// <summary>
/// Pooled memory that a request's tensors lie in. Its handler and the batch that reads it hold it at the same time, and a
/// client may go away before the batch is copied, so the last of them returns it.
/// </summary>
internal sealed class RequestMemory
{
    private readonly List<byte[]> _bytes = [];
    private readonly List<float[]> _floats = [];
    private Action? _released;
    private int _holders = 1;

    /// <summary>Rents bytes.</summary>
    public byte[] RentBytes(int length)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(length);
        _bytes.Add(array);
        return array;
    }

    /// <summary>Rents floats.</summary>
    public float[] RentFloats(int length)
    {
        float[] array = ArrayPool<float>.Shared.Rent(length);
        _floats.Add(array);
        return array;
    }

    /// <summary>Sets what happens when the memory is returned.</summary>
    public void OnRelease(Action released) => _released += released;

    /// <summary>Adds a holder.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Removes a holder; the last one returns the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _bytes.ForEach(b => ArrayPool<byte>.Shared.Return(b));
            _floats.ForEach(f => ArrayPool<float>.Shared.Return(f));
            _released?.Invoke();
        }
    }
}
