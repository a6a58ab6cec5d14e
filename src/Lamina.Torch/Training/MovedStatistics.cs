namespace Lamina.Torch;

/// <summary>
/// Keeps the weights that a forward pass changes (batch normalization's statistics), so that a step whose loss is not
/// finite can restore them.
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

    /// <summary>Saves the statistics before a forward pass.</summary>
    public void Keep()
    {
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            kept.CopyFrom(ValueOf(weight, isKernel));
        }
    }

    /// <summary>Restores the statistics after a failed step.</summary>
    public void Restore()
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
