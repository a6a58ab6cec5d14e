namespace Lamina.Torch;

/// <summary>
/// The weights that a forward moves, batch normalisation's statistics, as they were before it: a step whose loss is not
/// finite gives them back.
/// </summary>
internal sealed class MovedStatistics : IDisposable
{
    private readonly (Weight Weight, Tensor Kept)[] _kept;

    public MovedStatistics(Plan plan) =>
        _kept = [
            .. plan
                .Parameters.Where(p => !p.Weight.Trainable)
                .Select(p =>
                {
                    Tensor value = TorchParameter.Of(p.Weight, p.IsKernel, default).Value;
                    return (p.Weight, Tensor.Zeros(value.Sizes, DType.Float32, value.Device));
                }),
        ];

    /// <summary>Before a forward.</summary>
    public void Keep()
    {
        foreach ((Weight weight, Tensor kept) in _kept)
        {
            kept.CopyFrom(((TorchParameter)weight.Storage!).Value);
        }
    }

    /// <summary>After one that came to nothing.</summary>
    public void GiveBack()
    {
        foreach ((Weight weight, Tensor kept) in _kept)
        {
            ((TorchParameter)weight.Storage!).Value.CopyFrom(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor kept) in _kept)
        {
            kept.Dispose();
        }
    }
}
