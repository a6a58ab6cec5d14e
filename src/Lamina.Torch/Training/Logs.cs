using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The log of a training step.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">The number of epochs of the run.</param>
/// <param name="Batch">The number of batches completed in this epoch.</param>
/// <param name="Batches">The number of batches of an epoch; 0 if unknown.</param>
/// <param name="Samples">The number of samples completed in this epoch.</param>
/// <param name="ImagesPerSecond">The rate in this epoch, in images/s.</param>
/// <param name="Remaining">The estimated time to the end of the run.</param>
/// <param name="Logs">The loss and metrics, as means over the epoch so far.</param>
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

/// <summary>The log of an epoch.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">The number of epochs of the run.</param>
/// <param name="Elapsed">The duration of its training.</param>
/// <param name="ImagesPerSecond">The rate of its training, in images/s.</param>
/// <param name="Logs">The values <c>loss</c>, metrics, <c>val_loss</c>, <c>val_</c> metrics.</param>
public sealed record EpochLog(
    int Epoch,
    int Epochs,
    TimeSpan Elapsed,
    double ImagesPerSecond,
    IReadOnlyDictionary<string, double> Logs
)
{
    /// <summary><see langword="true"/> if the epoch had no validation because of <c>validationFrequency</c>.</summary>
    internal bool SkipsValidation { get; init; }
}

/// <summary>The result of Fit: every epoch's log.</summary>
/// <param name="Epochs">The epochs that were completed.</param>
/// <param name="Cancelled"><see langword="true"/> if the run was stopped before its end.</param>
public sealed record History(IReadOnlyList<EpochLog> Epochs, bool Cancelled);

/// <summary>Receives the events of a training. All methods run on the thread of Fit.</summary>
public abstract class Callback
{
    /// <summary>Called before the first step.</summary>
    public virtual void OnTrainBegin(CompiledModel model) { }

    /// <summary>Called before each epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public virtual void OnEpochBegin(int epoch) { }

    /// <summary>Called after each training step.</summary>
    public virtual void OnTrainBatchEnd(BatchLog log) { }

    /// <summary>Called after each epoch and its validation.</summary>
    public virtual void OnEpochEnd(EpochLog log) { }

    /// <summary>Called after the last epoch, or when the run is stopped.</summary>
    public virtual void OnTrainEnd() { }

    /// <summary>
    /// The name under which checkpoints store <see cref="GetState"/>: the class's full name. Override it to read
    /// checkpoints written before a class was renamed.
    /// </summary>
    public virtual string StateName => GetType().FullName!;

    /// <summary>
    /// Returns the state that this callback needs to continue in another process, as a checkpoint stores it;
    /// <see langword="null"/> if none.
    /// </summary>
    public virtual JsonObject? GetState() => null;

    /// <summary>Restores the state that <see cref="GetState"/> returned, after <see cref="OnTrainBegin"/>.</summary>
    public virtual void SetState(JsonObject state) { }
}
