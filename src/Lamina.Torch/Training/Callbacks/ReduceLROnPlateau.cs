using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Lowers the learning rate when a value has stopped improving, like Keras's callback. The paper divides by 10 when the
/// validation error stops improving, three times: <c>new ReduceLROnPlateau("val_accuracy", maxReductions: 3)</c>.
/// Cannot be combined with <see cref="Optimizer.Schedule"/>.
/// </summary>
public sealed class ReduceLROnPlateau : Callback
{
    private readonly MonitoredValue _monitor;
    private readonly double _factor;
    private readonly int _patience;
    private readonly double _minDelta;
    private readonly int _cooldown;
    private readonly double _minLr;
    private readonly int? _maxReductions;
    private CompiledModel? _model;
    private double _best;
    private int _wait;
    private int _cooling;

    /// <summary>Creates the callback.</summary>
    /// <param name="monitor">The name of the value in the logs.</param>
    /// <param name="factor">The factor of the rate, above 0 and below 1.</param>
    /// <param name="patience">
    /// The number of epochs without improvement after which the rate is reduced, at least 0.
    /// </param>
    /// <param name="mode">The mode: min, max, or auto (max for accuracies, otherwise min).</param>
    /// <param name="minDelta">The smallest change that counts as an improvement, at least 0.</param>
    /// <param name="cooldown">The number of epochs after a reduction that do not count, at least 0.</param>
    /// <param name="minLr">The lower bound of the rate, at least 0.</param>
    /// <param name="maxReductions">The maximum number of reductions; <see langword="null"/> for no limit.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public ReduceLROnPlateau(
        string monitor = "val_loss",
        double factor = 0.1,
        int patience = 10,
        string mode = "auto",
        double minDelta = 1e-4,
        int cooldown = 0,
        double minLr = 0,
        int? maxReductions = null
    )
    {
        if (factor is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(factor),
                $"factor is {factor}; it must be above 0 and below 1."
            );
        }
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(minDelta);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        ArgumentOutOfRangeException.ThrowIfNegative(minLr);
        ArgumentOutOfRangeException.ThrowIfNegative(maxReductions ?? 0, nameof(maxReductions));
        _monitor = new MonitoredValue(nameof(ReduceLROnPlateau), monitor, mode);
        (_factor, _patience, _minDelta) = (factor, patience, minDelta);
        (_cooldown, _minLr, _maxReductions) = (cooldown, minLr, maxReductions);
        _best = _monitor.Worst;
    }

    /// <summary>The number of reductions so far.</summary>
    public int Reductions { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The optimizer has a schedule.</exception>
    public override void OnTrainBegin(CompiledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireSettableRate(nameof(ReduceLROnPlateau));
        _model = model;
        (_best, _wait, _cooling, Reductions) = (_monitor.Worst, 0, 0, 0);
    }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The logs do not contain the value.</exception>
    public override void OnEpochEnd(EpochLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_monitor.IsSkipped(log))
        {
            return;
        }
        double current = _monitor.Read(log.Logs);
        if (_cooling > 0)
        {
            _cooling--;
            _wait = 0;
        }
        if (_monitor.IsBetter(current, _best, _minDelta))
        {
            (_best, _wait) = (current, 0);
        }
        else if (_cooling == 0 && ++_wait >= _patience)
        {
            Reduce(_model!.Optimizer);
        }
    }

    private void Reduce(Optimizer optimizer)
    {
        if (optimizer.LearningRate > _minLr && Reductions < (_maxReductions ?? int.MaxValue))
        {
            optimizer.LearningRate = Math.Max(optimizer.LearningRate * _factor, _minLr);
            (_cooling, _wait) = (_cooldown, 0);
            Reductions++;
        }
    }

    /// <inheritdoc/>
    public override JsonObject? GetState() =>
        new()
        {
            ["best"] = CallbackState.Number(_best),
            ["wait"] = _wait,
            ["cooldown"] = _cooling,
            ["reductions"] = Reductions,
            ["learning_rate"] = _model!.Optimizer.LearningRate,
        };

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The state is not of this callback.</exception>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _best = CallbackState.Number(state, "best", _monitor.Worst);
        _wait = CallbackState.Value<int>(state, "wait");
        _cooling = CallbackState.Value<int>(state, "cooldown");
        Reductions = CallbackState.Value<int>(state, "reductions");
        _model!.Optimizer.LearningRate = CallbackState.Value<double>(state, "learning_rate");
    }
}
