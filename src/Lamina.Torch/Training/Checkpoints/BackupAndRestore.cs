namespace Lamina;

/// <summary>
/// Saves the state of a training as it goes, and lets a Fit with the same arguments go on from there after an interruption:
/// Keras's callback of this name. What goes on ends with the same bytes as if nothing had happened: weights, optimizer,
/// learning rate, place in the epoch, sums of the metrics and the other callbacks' states are kept, and the history that
/// Fit returns has the earlier epochs too.
/// </summary>
/// <remarks>
/// A checkpoint is written under a temporary name, flushed to disk and then renamed, so that at every moment a whole one is
/// there. The newest whole one is used. When Fit is cancelled, one is saved after the step at hand. Its place among the
/// callbacks does not matter: it saves when all have done their part of a step, with the states of those that tell them
/// (<see cref="Callback.GetState"/>).
/// </remarks>
public sealed class BackupAndRestore : Callback
{
    private readonly CheckpointFolder _folder;
    private readonly CheckpointOptions _options;
    private int _batches;
    private (FitState State, string File)? _saved;

    /// <summary>Creates the callback.</summary>
    /// <param name="backupDirectory">The checkpoints' folder, made if need be; for this training alone.</param>
    /// <param name="saveFrequency"><c>"epoch"</c>, the default, or a number of batches.</param>
    /// <param name="doubleCheckpoint">Whether the one before the newest is kept too, in case the newest is damaged.</param>
    /// <param name="deleteCheckpoint">Whether they are removed when the training has reached its end.</param>
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

    /// <summary>The checkpoints' folder.</summary>
    public string BackupDirectory => _folder.Root;

    /// <summary>The newest checkpoint that this training saved or went on from; <see langword="null"/> before any.</summary>
    public string? LastCheckpoint => _saved?.File;

    /// <summary>The newest whole checkpoint, if there is one.</summary>
    internal Checkpoint? Find() => _folder.Newest(_options.OnDamaged);

    /// <summary>Puts the run where the checkpoint's was.</summary>
    internal void Restore(Checkpoint checkpoint, FitRun run)
    {
        checkpoint.Apply(run);
        _saved = (checkpoint.State, checkpoint.Path);
        _options.OnResumed?.Invoke(checkpoint.State);
    }

    /// <summary>After a step, when all callbacks have been told of it.</summary>
    internal void AfterBatch(FitRun run, FitState state)
    {
        if (_options.Frequency is { Batches: > 0 and int every } && ++_batches >= every)
        {
            Save(run, state);
        }
    }

    /// <summary>After an epoch, when all callbacks have been told of it.</summary>
    internal void AfterEpoch(FitRun run, FitState state)
    {
        if (_options.Frequency == Frequency.Epoch)
        {
            Save(run, state);
        }
    }

    /// <summary>Saves now, unless that was just done.</summary>
    internal void Save(FitRun run, FitState state)
    {
        if (ReferenceEquals(_saved?.State, state))
        {
            return;
        }
        _saved = (state, _folder.Save(run, state, _options.Keep, _options.Metadata));
        _batches = 0;
    }

    /// <summary>When the run has reached its end.</summary>
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
