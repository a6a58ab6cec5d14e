namespace Lamina;

/// <summary>
/// Writes event files for TensorBoard, with the tags of Keras's callback. The tags are <c>epoch_loss</c>, each metric
/// and <c>epoch_learning_rate</c> under <c>train</c>, the same without the rate under <c>validation</c>, and there also
/// <c>evaluation_loss_vs_iterations</c>. A resumed run writes new files beside the old ones, which TensorBoard shows as
/// one curve; what a killed run wrote after its last checkpoint appears twice.
/// </summary>
public sealed class TensorBoard : Callback
{
    private const string ValidationPrefix = "val_";
    private readonly string _folder;
    private readonly int _histogramFrequency;
    private readonly bool _writeImages;
    private readonly Frequency _updateFrequency;
    private CompiledModel? _model;
    private EventFileWriter? _train;
    private EventFileWriter? _validation;

    /// <summary>Creates the callback.</summary>
    /// <param name="logDir">The folder, created if necessary.</param>
    /// <param name="histogramFreq">The number of epochs between histograms of the weights; 0 for none.</param>
    /// <param name="writeImages">
    /// <see langword="true"/> to write the kernels over gray or color images as pictures, with the histograms.
    /// </param>
    /// <param name="updateFreq">
    /// The interval of <c>batch_loss</c> and metrics: <c>"batch"</c>, a number of batches, or <c>"epoch"</c> for none.
    /// </param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public TensorBoard(
        string logDir = "logs",
        int histogramFreq = 0,
        bool writeImages = false,
        Frequency updateFreq = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(logDir);
        ArgumentOutOfRangeException.ThrowIfNegative(histogramFreq);
        (_folder, _histogramFrequency) = (logDir, histogramFreq);
        (_writeImages, _updateFrequency) = (writeImages, updateFreq);
    }

    private EventFileWriter Train => _train ??= new EventFileWriter(Path.Combine(_folder, "train"));

    private EventFileWriter Validation => _validation ??= new EventFileWriter(Path.Combine(_folder, "validation"));

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model)
    {
        Close();
        _model = model;
    }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_updateFrequency.Batches > 0 && (log.Batch - 1) % _updateFrequency.Batches == 0)
        {
            foreach ((string name, double value) in log.Logs)
            {
                Train.Scalar($"batch_{name}", _model!.Step, value);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="LaminaException">The files cannot be written.</exception>
    public override void OnEpochEnd(EpochLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach ((string name, double value) in log.Logs)
        {
            if (name.StartsWith(ValidationPrefix, StringComparison.Ordinal))
            {
                string plain = name[ValidationPrefix.Length..];
                Validation.Scalar($"evaluation_{plain}_vs_iterations", _model!.Step, value);
                Validation.Scalar($"epoch_{plain}", log.Epoch, value);
            }
            else
            {
                Train.Scalar($"epoch_{name}", log.Epoch, value);
            }
        }
        Train.Scalar("epoch_learning_rate", log.Epoch, _model!.Optimizer.LearningRate);
        if (_histogramFrequency > 0 && log.Epoch % _histogramFrequency == 0)
        {
            WriteWeights(log.Epoch);
        }
        Train.Flush();
        _validation?.Flush();
    }

    /// <inheritdoc/>
    public override void OnTrainEnd() => Close();

    private void WriteWeights(int epoch)
    {
        foreach (Weight weight in _model!.Model.Weights)
        {
            float[] values = weight.GetValues();
            Train.Histogram($"{weight.Path}/histogram", epoch, values);
            if (_writeImages && KernelPicture.Of(values, weight.Shape) is { } picture)
            {
                Train.Image(
                    $"{weight.Path}/image",
                    epoch,
                    picture.Png,
                    picture.Height,
                    picture.Width,
                    picture.Channels
                );
            }
        }
    }

    private void Close()
    {
        (EventFileWriter? train, EventFileWriter? validation) = (_train, _validation);
        (_train, _validation) = (null, null);
        using (validation)
        {
            train?.Dispose();
        }
    }
}
