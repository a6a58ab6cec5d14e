namespace Lamina;

/// <summary>Sets the optimizer's rate before each epoch, as Keras's callback of this name; not beside <see cref="Optimizer.Schedule"/>.</summary>
/// <param name="schedule">Gets the epoch, from 0, and the rate; gives the epoch's rate.</param>
public sealed class LearningRateScheduler(Func<int, double, double> schedule) : Callback
{
    private Optimizer? _optimizer;

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The optimizer has a schedule.</exception>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _optimizer = model.Optimizer;
        _optimizer.RequireSettableRate(nameof(LearningRateScheduler));
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => _optimizer!.LearningRate = schedule(epoch, _optimizer.LearningRate);
}
