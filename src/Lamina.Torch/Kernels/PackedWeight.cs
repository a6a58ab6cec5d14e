namespace Lamina.Torch;

/// <summary>A weight in the layout that a kernel reads fastest, made again when the weight has changed.</summary>
internal sealed class PackedWeight : IDisposable
{
    private Tensor? _source;
    private int _version;
    private Tensor? _packed;

    /// <summary>The packed form of a weight; this keeps it.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="pack">Makes the packed form.</param>
    public Tensor Of(Tensor weight, Func<Tensor, Tensor> pack)
    {
        if (_packed is null || !ReferenceEquals(_source, weight) || _version != weight.Version)
        {
            Dispose();
            (_source, _version) = (weight, weight.Version);
            _packed = pack(weight);
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
