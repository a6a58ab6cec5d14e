namespace Lamina.Torch;

/// <summary>
/// The loss and metrics of a step, which may still be on the device. Reading them the first time copies them to the host
/// and updates the metrics, so outcomes are read in the order of their steps.
/// </summary>
internal sealed class StepOutcome : IDisposable
{
    private readonly BoundObjective? _objective;
    private readonly Batch _batch = null!;
    private readonly IReadOnlyList<OutputMetric> _metrics = [];
    private Tensor[] _results;
    private BatchLoss _loss;

    /// <param name="objective">The objective.</param>
    /// <param name="results">The results of its plan, which the outcome owns.</param>
    /// <param name="batch">The samples, which must not change until the outcome is read.</param>
    /// <param name="metrics">The metrics to update; empty for none.</param>
    public StepOutcome(BoundObjective objective, Tensor[] results, Batch batch, IReadOnlyList<OutputMetric> metrics) =>
        (_objective, _results, _batch, _metrics) = (objective, results, batch, metrics);

    private StepOutcome(BatchLoss loss) => (_results, _loss, IsRead) = ([], loss, true);

    /// <summary>Returns the outcome of a step whose loss is on the host and whose metrics are updated.</summary>
    public static StepOutcome Of(BatchLoss loss) => new(loss);

    /// <summary>The number of samples of all ranks' parts; <see langword="null"/> for those of the batch.</summary>
    public int? Samples { get; private set; }

    /// <summary><see langword="true"/> if reading does not wait for the device.</summary>
    public bool IsRead { get; private set; }

    /// <summary><see langword="true"/> if training ended here, because the loss is not finite.</summary>
    public bool EndsTraining { get; private set; }

    /// <summary>Called with the loss if it is not finite, after it was read late.</summary>
    public Action<double>? OnNonFinite { get; init; }

    /// <summary>Adds the position in the run to an error.</summary>
    public Func<LossException, LossException>? Locate { get; set; }

    /// <summary>The number of bytes on the device.</summary>
    public long Bytes => _objective?.BytesOf(_results) ?? 0;

    /// <summary>The loss, read if it is not yet.</summary>
    /// <exception cref="LossException">It is not finite.</exception>
    public BatchLoss Loss
    {
        get
        {
            if (!IsRead)
            {
                Read();
                if (OnNonFinite is not null && !double.IsFinite(_loss.Total))
                {
                    Fail();
                }
            }
            return _loss;
        }
    }

    /// <summary>Reads the values, whatever they are.</summary>
    public BatchLoss Read()
    {
        try
        {
            _loss = _objective!.Loss(_results, _batch);
            _objective.Update(_results, _batch, _metrics);
        }
        catch (LaminaException) when (!double.IsFinite(_loss.Total))
        {
            // A metric that refuses such outputs would hide the loss, which says why.
        }
        finally
        {
            Dispose();
        }
        return _loss;
    }

    /// <summary>Replaces the loss of this rank's part by that of the whole batch.</summary>
    public void Agree(BatchLoss loss) => (_loss, Samples) = (loss, loss.Samples);

    /// <summary>Marks the step as the one that ends training.</summary>
    public void End() => EndsTraining = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        IsRead = true;
        Feed.Free(_results);
        _results = [];
    }

    private void Fail()
    {
        EndsTraining = true;
        try
        {
            OnNonFinite!(_loss.Total);
        }
        catch (LossException e) when (e.Epoch is null && Locate is not null)
        {
            throw Locate(e);
        }
    }
}
