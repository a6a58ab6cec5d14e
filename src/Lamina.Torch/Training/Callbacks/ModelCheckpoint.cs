using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Saves the model, or only its weights, during training, like Keras's callback. A save leaves either the old file or
/// the new one intact.
/// </summary>
public sealed class ModelCheckpoint : Callback
{
    private readonly PathTemplate _path;
    private readonly MonitoredValue _monitor;
    private readonly bool _bestOnly;
    private readonly bool _weightsOnly;
    private readonly Frequency _frequency;
    private CompiledModel? _model;
    private int _batches;

    /// <summary>Creates the callback.</summary>
    /// <param name="filepath">
    /// The path: a folder, or a file ending with <c>.lamina</c>; with <paramref name="saveWeightsOnly"/> a safetensors
    /// file. It may contain placeholders for <c>epoch</c> (from 1), <c>batch</c> and the logs:
    /// <c>best-{epoch:02d}-{val_loss:.2f}</c>. Missing folders are created.
    /// </param>
    /// <param name="monitor">The name of the value in the logs that defines the best.</param>
    /// <param name="saveBestOnly"><see langword="true"/> to save only when the value improves.</param>
    /// <param name="saveWeightsOnly">
    /// <see langword="true"/> to save only the weights; <see langword="false"/> to save the optimizer's state, too.
    /// </param>
    /// <param name="mode">The mode: min, max, or auto (max for accuracies, otherwise min).</param>
    /// <param name="saveFreq">The interval: each epoch, or a number of batches.</param>
    /// <param name="initialValueThreshold">The value that the first save must improve on.</param>
    /// <exception cref="ArgumentException">The mode or the path is malformed.</exception>
    public ModelCheckpoint(
        string filepath,
        string monitor = "val_loss",
        bool saveBestOnly = false,
        bool saveWeightsOnly = false,
        string mode = "auto",
        Frequency saveFreq = default,
        double? initialValueThreshold = null
    )
    {
        _path = new PathTemplate(nameof(ModelCheckpoint), filepath);
        _monitor = new MonitoredValue(nameof(ModelCheckpoint), monitor, mode);
        (_bestOnly, _weightsOnly, _frequency) = (saveBestOnly, saveWeightsOnly, saveFreq);
        Best = initialValueThreshold ?? _monitor.Worst;
    }

    /// <summary>The metadata that a saved model contains beside its weights: class names, preprocessing.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>The best value so far; the threshold, or infinite, before the first.</summary>
    public double Best { get; private set; }

    /// <summary>The last path saved to; <see langword="null"/> before the first save.</summary>
    public string? LastPath { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model) => (_model, _batches, LastPath) = (model, 0, null);

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The model cannot be saved, or the logs lack a value.</exception>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_frequency.Batches > 0 && ++_batches >= _frequency.Batches)
        {
            _batches = 0;
            Save(log.Logs, log.Epoch, log.Batch);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The model cannot be saved, or the logs lack a value.</exception>
    public override void OnEpochEnd(EpochLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_frequency == Frequency.Epoch && !(_bestOnly && _monitor.IsSkipped(log)))
        {
            Save(log.Logs, log.Epoch, batch: null);
        }
    }

    private void Save(IReadOnlyDictionary<string, double> logs, int epoch, int? batch)
    {
        if (_bestOnly)
        {
            double current = _monitor.Read(logs);
            if (!_monitor.IsBetter(current, Best))
            {
                return;
            }
            Best = current;
        }
        Dictionary<string, double> values = new(logs) { ["epoch"] = epoch + 1 };
        if (batch is { } number)
        {
            values["batch"] = number;
        }
        string path = _path.Fill(values);
        MakeFolderOf(path);
        if (_weightsOnly)
        {
            WeightsFile.Save(_model!.Model, path);
        }
        else
        {
            ModelFile.Save(
                _model!.Model,
                path,
                new SaveOptions { OptimizerState = _model.GetOptimizerState(), Metadata = Metadata }
            );
        }
        LastPath = path;
    }

    private static void MakeFolderOf(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.CannotWrite(folder, e);
            }
        }
    }

    /// <inheritdoc/>
    public override JsonObject? GetState() => new() { ["best"] = CallbackState.Number(Best), ["batches"] = _batches };

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The state is not of this callback.</exception>
    public override void SetState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Best = CallbackState.Number(state, "best", _monitor.Worst);
        _batches = CallbackState.Value<int>(state, "batches");
    }
}
