using System.Runtime.InteropServices;

namespace Lamina.Torch.Cpu;

/// <summary>A weight in the form that a kernel reads fastest, made again when the weight has changed.</summary>
internal sealed class PackedWeight<T> : IDisposable
    where T : class, IDisposable
{
    private Tensor? _source;
    private long _version;
    private T? _packed;
    private int _hash;

    /// <summary>The packed form of a weight; this keeps it.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="pack">Makes the packed form.</param>
    public T Of(Tensor weight, Func<Tensor, T> pack)
    {
        if (_packed is null || !ReferenceEquals(_source, weight) || _version != weight.Version)
        {
            Dispose();
            // Before it is packed: a write that comes in between then leads to another packing.
            long version = weight.Version;
            _packed = pack(weight);
            (_source, _version) = (weight, version);
            _hash = PackedWeights.Verify ? PackedWeights.Hash(weight) : 0;
        }
        else if (PackedWeights.Verify && PackedWeights.Hash(weight) != _hash)
        {
            throw new InvalidOperationException(
                $"{weight} was written without being counted; its packed form is stale."
            );
        }
        return _packed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed?.Dispose();
        (_packed, _source) = (null, null);
    }
}

/// <summary>The check that no packed weight outlives a change of its weight.</summary>
internal static class PackedWeights
{
    /// <summary>
    /// Whether each use of a packed weight compares the weight's values with those that were packed. Slow; tests turn it on.
    /// </summary>
    public static bool Verify { get; set; }

    /// <summary>A hash of a weight's values; 0 where they are not float32 on the CPU.</summary>
    public static int Hash(Tensor weight)
    {
        if (!weight.IsCpuFloat || !weight.IsContiguous)
        {
            return 0;
        }
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(weight.AsSpan()));
        return hash.ToHashCode();
    }
}
