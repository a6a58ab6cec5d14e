using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A value derived from several weights, derived again when one of them has changed.</summary>
internal sealed class DerivedWeights<T> : IDisposable
    where T : class, IDisposable
{
    private Tensor[] _sources = [];
    private long[] _versions = [];
    private int[] _hashes = [];
    private T? _derived;

    /// <summary>Returns the derived value, which this object owns.</summary>
    /// <param name="sources">The weights.</param>
    /// <param name="derive">Creates the value.</param>
    public T Of(ReadOnlySpan<Tensor> sources, Func<Tensor[], T> derive)
    {
        if (_derived is null || !AreCurrent(sources))
        {
            Dispose();
            _sources = sources.ToArray();
            // Before the value is derived: a write meanwhile then triggers another derivation.
            _versions = [.. _sources.Select(s => s.Version)];
            _derived = derive(_sources);
            _hashes = PackedWeights.Verify ? [.. _sources.Select(PackedWeights.Hash)] : [];
        }
        else if (PackedWeights.Verify && !_sources.Select(PackedWeights.Hash).SequenceEqual(_hashes))
        {
            throw new InvalidOperationException(
                "A weight was written without counting the write; what was derived from it is stale."
            );
        }
        return _derived;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _derived?.Dispose();
        (_derived, _sources) = (null, []);
    }

    private bool AreCurrent(ReadOnlySpan<Tensor> sources)
    {
        for (int i = 0; i < sources.Length; i++)
        {
            if (!ReferenceEquals(sources[i], _sources[i]) || sources[i].Version != _versions[i])
            {
                return false;
            }
        }
        return true;
    }
}
