namespace Lamina;

/// <summary>A callback that calls delegates, like Keras's: <c>new LambdaCallback(onEpochEnd: log => …)</c>.</summary>
/// <param name="onTrainBegin">Called before the first step.</param>
/// <param name="onEpochBegin">Called before each epoch, with its index from 0.</param>
/// <param name="onTrainBatchEnd">Called after each training step.</param>
/// <param name="onEpochEnd">Called after each epoch and its validation.</param>
/// <param name="onTrainEnd">Called after the last epoch, or when the run is stopped.</param>
public sealed class LambdaCallback(
    Action<CompiledModel>? onTrainBegin = null,
    Action<int>? onEpochBegin = null,
    Action<BatchLog>? onTrainBatchEnd = null,
    Action<EpochLog>? onEpochEnd = null,
    Action? onTrainEnd = null
) : Callback
{
    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model) => onTrainBegin?.Invoke(model);

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => onEpochBegin?.Invoke(epoch);

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log) => onTrainBatchEnd?.Invoke(log);

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => onEpochEnd?.Invoke(log);

    /// <inheritdoc/>
    public override void OnTrainEnd() => onTrainEnd?.Invoke();
}
