namespace Lamina.Torch;

/// <summary>A weight in the form that a kernel reads fastest, made again when the weight has changed.</summary>
internal sealed class PackedWeight<T> : IDisposable
    where T : class, IDisposable
{
    private Tensor? _source;
    private int _version;
    private T? _packed;

    /// <summary>The packed form of a weight; this keeps it.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="pack">Makes the packed form.</param>
    public T Of(Tensor weight, Func<Tensor, T> pack)
    {
        if (_packed is null || !ReferenceEquals(_source, weight) || _version != weight.Version)
        {
            Dispose();
            _packed = pack(weight);
            (_source, _version) = (weight, weight.Version);
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
