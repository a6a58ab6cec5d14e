using System.Runtime.InteropServices;

namespace Lamina.Torch.Kernels;

/// <summary>A weight in the form that a kernel reads fastest, packed again when the weight has changed.</summary>
internal sealed class PackedWeight<T> : IDisposable
    where T : class, IDisposable
{
    private Tensor? _source;
    private long _version;
    private T? _packed;
    private int _hash;

    /// <summary>Returns the packed form of a weight, which this object owns.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="pack">Creates the packed form.</param>
    public T Of(Tensor weight, Func<Tensor, T> pack)
    {
        if (_packed is null || !ReferenceEquals(_source, weight) || _version != weight.Version)
        {
            Dispose();
            // Before it is packed: a write during packing then triggers another packing.
            long version = weight.Version;
            _packed = pack(weight);
            (_source, _version) = (weight, version);
            _hash = PackedWeights.Verify ? PackedWeights.Hash(weight) : 0;
        }
        else if (PackedWeights.Verify && PackedWeights.Hash(weight) != _hash)
        {
            throw new InvalidOperationException(
                $"{weight} was written without counting the write; its packed form is stale."
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

/// <summary>Checks that no packed weight outlives a change of its weight.</summary>
internal static class PackedWeights
{
    /// <summary>
    /// <see langword="true"/> to compare the weight's values with those that were packed at each use. Slow; for tests.
    /// </summary>
    public static bool Verify { get; set; }

    /// <summary>Returns a hash of a weight's values; 0 if they are not float32 on the CPU.</summary>
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
