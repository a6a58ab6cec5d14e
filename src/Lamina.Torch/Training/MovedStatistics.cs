using Lamina.Torch.Kernels;

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

    /// <summary>Restores the statistics if the flag on the device says that a loss was not finite.</summary>
    public void Restore(FiniteGuard guard)
    {
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            guard.Store(kept, ValueOf(weight, isKernel));
        }
        Restore();
    }

    /// <summary>Replaces what each rank's part of a batch has moved by the average over all ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="share">The share of this rank's samples in the batch.</param>
    public void Average(ICommunicator ranks, double share)
    {
        if (_kept.Length == 0)
        {
            return;
        }
        // Distances from the values before, which are the same on all ranks: what nobody moved stays exactly as it is.
        var moved = new double[_kept.Sum(k => (int)k.Kept.Count)];
        int at = 0;
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            (float[] before, float[] after) = (ToArray(kept), ToArray(ValueOf(weight, isKernel)));
            for (int i = 0; i < after.Length; i++)
            {
                moved[at++] = share == 0 ? 0 : share * ((double)after[i] - before[i]);
            }
        }
        ranks.AllReduce(moved);
        at = 0;
        foreach ((Weight weight, bool isKernel, Tensor kept) in _kept)
        {
            float[] values = ToArray(kept);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (float)(values[i] + moved[at++]);
            }
            ValueOf(weight, isKernel).CopyFrom(values);
        }
    }

    private static float[] ToArray(Tensor tensor)
    {
        var values = new float[tensor.Count];
        tensor.CopyTo(values);
        return values;
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
