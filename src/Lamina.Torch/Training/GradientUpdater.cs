using Lamina.Torch;

namespace Lamina;

/// <summary>
/// Updates weights by gradients in arrays, which the program may have changed: <c>optimizer.UpdaterOf(weights)</c> creates it.
/// </summary>
/// <remarks>Not thread-safe. A <see cref="Minimizer"/> is faster where gradients are used as they are.</remarks>
public sealed class GradientUpdater : IDisposable
{
    private readonly WeightUpdates _updates;
    private readonly WeightLocks _locks;

    internal GradientUpdater(Optimizer optimizer, IReadOnlyList<Weight> weights)
    {
        Weights = [.. weights];
        _updates = new WeightUpdates(Weights, "the updater", optimizer);
        _locks = new WeightLocks(Weights);
    }

    /// <summary>The weights, in the order of the gradients.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>Updates the weights once.</summary>
    /// <param name="gradients">The gradients, in the order and shapes of <see cref="Weights"/>.</param>
    /// <exception cref="ShapeException">A gradient is missing or has another shape; no weight has changed.</exception>
    public void Apply(IReadOnlyList<NDArray> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count != Weights.Count)
        {
            throw new ShapeException($"{Weights.Count} weights need {Weights.Count} gradients, got {gradients.Count}.");
        }
        for (int i = 0; i < gradients.Count; i++)
        {
            if (gradients[i].Shape != Weights[i].Shape)
            {
                throw new ShapeException($"{Weights[i]}: its gradient has the shape {gradients[i].Shape}.");
            }
        }
        using WeightLocks.Held held = _locks.Take();
        if (_updates.AveragesIn)
        {
            _updates.SwapAverages();
        }
        _updates.Begin();
        for (int i = 0; i < gradients.Count; i++)
        {
            TorchParameter storage = StorageOf(Weights[i]);
            var gradient = Tensor.Empty(storage.Sizes, DType.Float32, storage.Value.Device);
            storage.FromPublic(gradients[i].Values, gradient);
            _updates.Apply(Weights[i], gradient);
        }
        _updates.End();
    }

    /// <summary>Exchanges the weights with their averages.</summary>
    /// <exception cref="InvalidOperationException">The optimizer keeps no averages.</exception>
    public void SwapAverages()
    {
        if (!_updates.KeepsAverages)
        {
            throw new InvalidOperationException("The optimizer keeps no averages of the weights. Set its EmaMomentum.");
        }
        using WeightLocks.Held held = _locks.Take();
        _updates.SwapAverages();
    }

    // The slots keep the layout of the first update.
    private TorchParameter StorageOf(Weight weight) =>
        _updates.Knows(weight)
            ? _updates.LayoutOf(weight).Same(weight)
            : weight.Storage as TorchParameter ?? TorchParameter.Of(weight, isKernel: false, Device.Cpu);

    /// <summary>Frees the optimizer's state; the weights stay.</summary>
    public void Dispose() => _updates.Dispose();
}
