namespace Lamina;

/// <summary>
/// Sets the optimizer's learning rate before each epoch, like Keras's callback. Cannot be combined with
/// <see cref="Optimizer.Schedule"/>.
/// </summary>
/// <param name="schedule">Returns the rate of an epoch from its index (from 0) and the present rate.</param>
public sealed class LearningRateScheduler(Func<int, double, double> schedule) : Callback
{
    private Optimizer? _optimizer;

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The optimizer has a schedule.</exception>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _optimizer = model.Optimizer;
        model.RequireSettableRate(nameof(LearningRateScheduler));
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => _optimizer!.LearningRate = schedule(epoch, _optimizer.LearningRate);
}
