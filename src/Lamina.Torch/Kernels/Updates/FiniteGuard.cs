namespace Lamina.Torch.Kernels;

/// <summary>
/// The flag on a device that says whether every loss so far was finite. Updates that follow are without effect once one was
/// not, so the host may read the loss later.
/// </summary>
/// <param name="device">The device.</param>
internal sealed class FiniteGuard(Device device) : IDisposable
{
    // A bool of shape (), made by the first step.
    private Tensor? _isFinite;

    private Tensor Flag => _isFinite ??= True(device);

    /// <summary>Clears the flag if a loss is not finite.</summary>
    /// <param name="results">The results of a forward pass.</param>
    /// <param name="slopes">The weight of each value in the loss; <see langword="null"/> for results that are no losses.</param>
    public void Check(ReadOnlySpan<Tensor> results, IReadOnlyList<Tensor?> slopes)
    {
        for (int i = 0; i < results.Length; i++)
        {
            if (slopes[i] is { } slope)
            {
                // A sample that does not count may have a loss that is not finite.
                using Tensor product = Aten.Mul(results[i], slope);
                using Tensor counts = Aten.Binary("aten::ne"u8, slope, 0);
                using Tensor terms = Aten.Masked(counts, product);
                using Tensor sum = Aten.Sum(terms, [.. Enumerable.Range(0, terms.Rank).Select(d => (long)d)]);
                using Tensor rest = Aten.Subtract(sum, sum);
                using Tensor isFinite = Aten.Binary("aten::eq"u8, rest, 0);
                using Tensor all = Aten.And(Flag, isFinite);
                Flag.CopyFrom(all);
            }
        }
    }

    /// <summary>Sets the flag, so that training can continue.</summary>
    public void Reset()
    {
        using Tensor set = True(device);
        Flag.CopyFrom(set);
    }

    /// <summary>Sets a tensor to new values if the flag is set.</summary>
    public void Store(Tensor target, Tensor values)
    {
        using Tensor kept = Aten.Where(Flag, values, target);
        target.CopyFrom(kept);
    }

    /// <inheritdoc/>
    public void Dispose() => _isFinite?.Dispose();

    private static Tensor True(Device device)
    {
        using Tensor zero = Tensor.Zeros([], DType.Float32, device);
        return Aten.Binary("aten::eq"u8, zero, 0);
    }
}
