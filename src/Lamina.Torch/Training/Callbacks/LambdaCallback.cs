namespace Lamina;

/// <summary>A callback of delegates, as Keras's of this name: <c>new LambdaCallback(onEpochEnd: log => …)</c>.</summary>
/// <param name="onTrainBegin">Before the first step.</param>
/// <param name="onEpochBegin">Before an epoch, from 0.</param>
/// <param name="onTrainBatchEnd">After a training step.</param>
/// <param name="onEpochEnd">After an epoch and its validation.</param>
/// <param name="onTrainEnd">After the last epoch, or when the run was stopped.</param>
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
