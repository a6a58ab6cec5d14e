namespace Lamina;

/// <summary>Sets the optimizer's rate before each epoch, as Keras's callback of this name.</summary>
/// <param name="schedule">Gets the epoch, from 0, and the rate; gives the epoch's rate.</param>
public sealed class LearningRateScheduler(Func<int, double, double> schedule) : Callback
{
    private Optimizer? _optimizer;

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _optimizer = model.Optimizer;
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => _optimizer!.LearningRate = schedule(epoch, _optimizer.LearningRate);
}

/// <summary>
/// Sets the optimizer's rate before every step: a linear rise over the first steps, then half a cosine down to 0 at the
/// run's end (Loshchilov &amp; Hutter 2017).
/// </summary>
/// <param name="learningRate">The highest rate.</param>
/// <param name="totalSteps">The steps of the whole run, at least 1.</param>
/// <param name="warmupSteps">The steps of the rise, at least 0.</param>
public sealed class CosineDecay(double learningRate, long totalSteps, long warmupSteps = 0) : Callback
{
    private CompiledModel? _model;

    /// <summary>The rate of one step.</summary>
    /// <param name="step">The step in the run, from 0.</param>
    public double RateAt(long step)
    {
        double rise = warmupSteps == 0 ? 1 : Math.Min(1, (step + 1.0) / warmupSteps);
        double done = Math.Clamp((double)(step - warmupSteps) / Math.Max(1, totalSteps - warmupSteps), 0, 1);
        return learningRate * rise * (1 + Math.Cos(Math.PI * done)) / 2;
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        model.Optimizer.LearningRate = RateAt(model.Step);
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log) => _model!.Optimizer.LearningRate = RateAt(_model.Step);
}
