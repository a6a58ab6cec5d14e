namespace Lamina.Torch;

/// <summary>
/// The weights that a forward moves, batch normalisation's statistics, as they were before it: a step whose loss is not
/// finite gives them back.
/// </summary>
internal sealed class MovedStatistics : IDisposable
{
    private readonly (Weight Weight, bool IsKernel, Tensor Kept)[] _kept;
    private readonly Device _device;

    public MovedStatistics(Plan plan)
    {
        _device = plan.Device;
        _kept =
        [
            .. plan
                .Parameters.Where(p => !p.Weight.Trainable)
                .Select(p =>
                {
                    Tensor value = ValueOf(p.Weight, p.IsKernel);
                    return (p.Weight, p.IsKernel, Tensor.Zeros(value.Sizes, DType.Float32, value.Device));
                }),
        ];
    }

    /// <summary>Before a forward.</summary>
    public void Keep()
    {
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            kept.CopyFrom(ValueOf(weight, isKernel));
        }
    }

    /// <summary>After one that came to nothing.</summary>
    public void GiveBack()
    {
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            ValueOf(weight, isKernel).CopyFrom(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, _, Tensor kept) in _kept)
        {
            kept.Dispose();
        }
    }

    private Tensor ValueOf(Weight weight, bool isKernel) => TorchParameter.Of(weight, isKernel, _device).Value;
}
