using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>What is known after a training step.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">The epochs of the run.</param>
/// <param name="Batch">The batches done in this epoch.</param>
/// <param name="Batches">The batches of an epoch.</param>
/// <param name="Samples">The samples done in this epoch.</param>
/// <param name="ImagesPerSecond">The rate in this epoch.</param>
/// <param name="Remaining">An estimate of the time to the end of the run.</param>
/// <param name="Logs">Loss and metrics, as means over the epoch so far.</param>
public sealed record BatchLog(
    int Epoch,
    int Epochs,
    int Batch,
    int Batches,
    int Samples,
    double ImagesPerSecond,
    TimeSpan Remaining,
    IReadOnlyDictionary<string, double> Logs
);

/// <summary>What is known after an epoch.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">The epochs of the run.</param>
/// <param name="Elapsed">How long its training took.</param>
/// <param name="ImagesPerSecond">The rate of its training.</param>
/// <param name="Logs"><c>loss</c>, metrics, <c>val_loss</c>, <c>val_</c> metrics.</param>
public sealed record EpochLog(
    int Epoch,
    int Epochs,
    TimeSpan Elapsed,
    double ImagesPerSecond,
    IReadOnlyDictionary<string, double> Logs
);

/// <summary>What Fit returns: every epoch's log.</summary>
/// <param name="Epochs">The epochs that were finished.</param>
/// <param name="Cancelled">Whether the run was stopped before its end.</param>
public sealed record History(IReadOnlyList<EpochLog> Epochs, bool Cancelled);

/// <summary>What Fit tells of its progress. All methods run on the thread of Fit.</summary>
public abstract class Callback
{
    /// <summary>Before the first step.</summary>
    public virtual void OnTrainBegin(CompiledModel model) { }

    /// <summary>Before an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public virtual void OnEpochBegin(int epoch) { }

    /// <summary>After a training step.</summary>
    public virtual void OnTrainBatchEnd(BatchLog log) { }

    /// <summary>After an epoch and its validation.</summary>
    public virtual void OnEpochEnd(EpochLog log) { }

    /// <summary>After the last epoch, or when the run was stopped.</summary>
    public virtual void OnTrainEnd() { }

    /// <summary>
    /// The name under which checkpoints keep <see cref="GetState"/>: the class's full name. Override it to keep reading
    /// checkpoints from before a class was renamed.
    /// </summary>
    public virtual string StateName => GetType().FullName!;

    /// <summary>
    /// What this callback must know to go on in another process, as a checkpoint keeps it; <see langword="null"/> if
    /// nothing.
    /// </summary>
    public virtual JsonObject? GetState() => null;

    /// <summary>Goes on from what <see cref="GetState"/> gave, after <see cref="OnTrainBegin"/>.</summary>
    public virtual void SetState(JsonObject state) { }
}
