namespace Lamina;

/// <summary>
/// Saves the state of a training, so that a Fit with the same arguments resumes it after an interruption, like Keras's
/// callback. A resumed run ends with the same bytes as an uninterrupted one: weights, optimizer, learning rate,
/// position in the epoch, sums of the metrics and the states of other callbacks are saved, and the history that Fit
/// returns includes the earlier epochs.
/// </summary>
/// <remarks>
/// A checkpoint is written under a temporary name, flushed to disk and then renamed, so that a complete one exists at
/// every moment. The newest intact one is used. When Fit is canceled, a checkpoint is saved after the current step. The
/// callback's position in the list does not matter: it saves after all callbacks have handled a step, with the states
/// of those that provide one (<see cref="Callback.GetState"/>).
/// </remarks>
public sealed class BackupAndRestore : Callback
{
    private readonly CheckpointFolder _folder;
    private readonly CheckpointOptions _options;
    private int _batches;
    private (FitState State, string File)? _saved;

    /// <summary>Creates the callback.</summary>
    /// <param name="backupDirectory">
    /// The folder of the checkpoints, created if necessary; used by this training only.
    /// </param>
    /// <param name="saveFrequency">
    /// The interval: <c>"epoch"</c> or a number of batches. Default: <c>"epoch"</c>.
    /// </param>
    /// <param name="doubleCheckpoint">
    /// <see langword="true"/> to keep the previous checkpoint, too, in case the newest is damaged.
    /// </param>
    /// <param name="deleteCheckpoint">
    /// <see langword="true"/> to delete the checkpoints when the training is complete.
    /// </param>
    public BackupAndRestore(
        string backupDirectory,
        Frequency saveFrequency = default,
        bool doubleCheckpoint = false,
        bool deleteCheckpoint = true
    )
        : this(
            backupDirectory,
            new CheckpointOptions
            {
                Frequency = saveFrequency,
                Keep = doubleCheckpoint ? 2 : 1,
                DeleteAtEnd = deleteCheckpoint,
                OnDamaged = Console.Error.WriteLine,
            }
        ) { }

    internal BackupAndRestore(string folder, CheckpointOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (_folder, _options) = (new CheckpointFolder(folder), options);
    }

    /// <summary>The folder of the checkpoints.</summary>
    public string BackupDirectory => _folder.Root;

    /// <summary>
    /// The newest checkpoint that this training saved or resumed from; <see langword="null"/> if there is none.
    /// </summary>
    public string? LastCheckpoint => _saved?.File;

    /// <summary>Returns the newest intact checkpoint; <see langword="null"/> if there is none.</summary>
    internal Checkpoint? Find() => _folder.Newest(_options.OnDamaged);

    /// <summary>Restores the run to the state of a checkpoint.</summary>
    internal void Restore(Checkpoint checkpoint, FitRun run)
    {
        checkpoint.Apply(run);
        _saved = (checkpoint.State, checkpoint.Path);
        _options.OnResumed?.Invoke(checkpoint.State);
    }

    /// <summary>Counts a step.</summary>
    /// <returns><see langword="true"/> if it is time to save.</returns>
    internal bool IsDue() => _options.Frequency is { Batches: > 0 and int every } && ++_batches >= every;

    /// <summary>Saves after an epoch if due, once all callbacks have been notified.</summary>
    internal void AfterEpoch(FitRun run, FitState state)
    {
        if (_options.Frequency == Frequency.Epoch)
        {
            Save(run, state);
        }
    }

    /// <summary>Saves now, unless this state is saved already.</summary>
    internal void Save(FitRun run, FitState state)
    {
        if (ReferenceEquals(_saved?.State, state))
        {
            return;
        }
        _saved = (state, _folder.Save(run, state, _options.Keep, _options.Metadata));
        _batches = 0;
    }

    /// <summary>Completes the run.</summary>
    internal void Complete(FitRun run, FitState state)
    {
        if (_options.SaveAtEnd && (_saved?.State.Epoch, _saved?.State.Batches) != (state.Epoch, state.Batches))
        {
            Save(run, state);
        }
        if (_options.DeleteAtEnd)
        {
            _folder.Clear();
        }
    }
}
