using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Ends the training when a value has stopped improving, like Keras 3's callback. An epoch counts against the patience
/// unless it exceeds the best value so far by more than <c>minDelta</c>, and the baseline if there is one.
/// </summary>
public sealed class EarlyStopping : Callback
{
    private readonly MonitoredValue _monitor;
    private readonly double _minDelta;
    private readonly int _patience;
    private readonly double? _baseline;
    private readonly bool _restore;
    private readonly string? _path;
    private readonly int _startFromEpoch;
    private CompiledModel? _model;
    private float[][]? _weights;
    private bool _hasWeights;
    private bool _ended;
    private int _wait;

    /// <summary>Creates the callback.</summary>
    /// <param name="monitor">The name of the value in the logs.</param>
    /// <param name="minDelta">The smallest change that counts as an improvement, at least 0.</param>
    /// <param name="patience">The number of epochs without improvement after which training ends, at least 0.</param>
    /// <param name="mode">The mode: min, max, or auto (max for accuracies, otherwise min).</param>
    /// <param name="baseline">A value that must be exceeded, too, for the patience to restart.</param>
    /// <param name="restoreBestWeights">
    /// <see langword="true"/> to end with the weights of the best epoch. A canceled run keeps its own, so that it can
    /// be resumed.
    /// </param>
    /// <param name="startFromEpoch">The first epoch that counts, from 0.</param>
    /// <param name="bestWeightsPath">
    /// The safetensors file of the best weights, required for a run that restores them and can be resumed;
    /// <see langword="null"/> to keep them in memory.
    /// </param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public EarlyStopping(
        string monitor = "val_loss",
        double minDelta = 0,
        int patience = 0,
        string mode = "auto",
        double? baseline = null,
        bool restoreBestWeights = false,
        int startFromEpoch = 0,
        string? bestWeightsPath = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minDelta);
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(startFromEpoch);
        _monitor = new MonitoredValue(nameof(EarlyStopping), monitor, mode);
        (_minDelta, _patience, _baseline) = (minDelta, patience, baseline);
        (_restore, _startFromEpoch, _path) = (restoreBestWeights, startFromEpoch, bestWeightsPath);
        Best = _monitor.Worst;
    }

    /// <summary>The epoch, from 0, after which training ended early; 0 if it did not.</summary>
    public int StoppedEpoch { get; private set; }

    /// <summary>The best epoch, from 0.</summary>
    public int BestEpoch { get; private set; }

    /// <summary>The best value; infinite before the first.</summary>
    public double Best { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        _model = model;
        (_wait, StoppedEpoch, BestEpoch, Best) = (0, 0, 0, _monitor.Worst);
        (_weights, _hasWeights, _ended) = (null, false, false);
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => _ended = false;

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The logs do not have the value.</exception>
    public override void OnEpochEnd(EpochLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _ended = log.Epoch + 1 >= log.Epochs;
        if (_monitor.IsSkipped(log))
        {
            return;
        }
        double current = _monitor.Read(log.Logs);
        if (log.Epoch < _startFromEpoch)
        {
            return;
        }
        _wait++;
        if (_monitor.IsBetter(current, Best, _minDelta))
        {
            (Best, BestEpoch) = (current, log.Epoch);
            KeepWeights();
            if (_baseline is not { } baseline || _monitor.IsBetter(current, baseline, _minDelta))
            {
                _wait = 0;
            }
            return;
        }
        if (_restore && !_hasWeights)
        {
            // Even the first value may not be an improvement, if it is NaN. Its weights are kept as the ones to
            // restore.
            BestEpoch = log.Epoch;
            KeepWeights();
        }
        if (_wait >= _patience && log.Epoch > 0)
        {
            StoppedEpoch = log.Epoch;
            _model!.StopTraining = true;
        }
    }

    /// <inheritdoc/>
    public override void OnTrainEnd()
    {
        if (!_hasWeights || !(_ended || _model!.StopTraining))
        {
            return;
        }
        Model model = _model!.Model;
        if (_path is not null)
        {
            WeightsFile.Load(model, _path);
            return;
        }
        for (int i = 0; i < _weights!.Length; i++)
        {
            model.Weights[i].SetValues(_weights[i]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The best weights are to be restored, but are only in memory.</exception>
    public override JsonObject? GetState() =>
        _restore && _path is null
            ? throw new LaminaException(
                "EarlyStopping keeps the best weights in memory, so this run could not be resumed. "
                    + "Pass bestWeightsPath, or restoreBestWeights: false."
            )
            : new JsonObject
            {
                ["wait"] = _wait,
                ["stopped_epoch"] = StoppedEpoch,
                ["best_epoch"] = BestEpoch,
                ["best"] = CallbackState.Number(Best),
                ["has_weights"] = _hasWeights,
                ["ended"] = _ended,
            };

    /// <inheritdoc/>
    /// <exception cref="LaminaException">
    /// The state is not of this callback, or the file of the best weights is missing.
    /// </exception>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _wait = CallbackState.Value<int>(state, "wait");
        StoppedEpoch = CallbackState.Value<int>(state, "stopped_epoch");
        BestEpoch = CallbackState.Value<int>(state, "best_epoch");
        Best = CallbackState.Number(state, "best", _monitor.Worst);
        _hasWeights = _restore && CallbackState.Value<bool>(state, "has_weights");
        _ended = CallbackState.Value<bool>(state, "ended");
        if (_hasWeights && !File.Exists(_path))
        {
            throw new LaminaException(
                $"{_path}: EarlyStopping's best weights are missing, so the run cannot be resumed."
            );
        }
    }

    private void KeepWeights()
    {
        if (!_restore)
        {
            return;
        }
        _hasWeights = true;
        if (_path is not null)
        {
            WeightsFile.Save(_model!.Model, _path);
            return;
        }
        _weights ??= [.. _model!.Model.Weights.Select(w => new float[w.Count])];
        for (int i = 0; i < _weights.Length; i++)
        {
            _model!.Model.Weights[i].CopyTo(_weights[i]);
        }
    }
}
