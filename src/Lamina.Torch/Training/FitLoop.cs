using System.Runtime.ExceptionServices;
using Lamina.Torch;

namespace Lamina;

/// <summary>Runs epochs: steps, running means, validation, callbacks, checkpoints, and an orderly stop.</summary>
internal sealed class FitLoop(CompiledModel compiled, IReadOnlyList<Callback> callbacks, int validationFrequency = 1)
{
    private readonly BackupAndRestore[] _backups = [.. callbacks.OfType<BackupAndRestore>()];
    private readonly RankSteps? _ranks = compiled.Ranks;
    private bool _failed;

    public History Run(
        IBatchSource train,
        int epochs,
        IBatchSource? validation,
        int initialEpoch,
        CancellationToken cancellation
    )
    {
        Arguments.RequireAtLeast(0, epochs);
        if (validation is not null)
        {
            compiled.Custom?.RequireTest();
        }
        var run = new FitRun(compiled, callbacks, train) { Part = _ranks?.PartOf(train) ?? train };
        validation = validation is null ? null : _ranks?.PartOf(validation) ?? validation;
        var progress = new FitProgress(compiled, initialEpoch);
        compiled.StopTraining = false;
        int told = 0;
        bool stopped;
        try
        {
            foreach (Callback callback in callbacks)
            {
                callback.OnTrainBegin(compiled);
                told++;
            }
            bool begun = Resume(run, progress);
            stopped = IsCancelled(cancellation) && progress.Epoch < epochs;
            // A run that was stopped in the middle of an epoch still has to complete that epoch.
            while (!stopped && progress.Epoch < epochs && (begun || !compiled.StopTraining))
            {
                stopped = !RunEpoch(run, progress, epochs, validation, begun, cancellation);
                begun = false;
            }
            if (!stopped && !_failed)
            {
                FitState end = progress.State(compiled.StopTraining);
                Array.ForEach(_backups, b => b.Complete(run, end));
            }
        }
        catch
        {
            // Report what ended the training, not what its cleanup ran into.
            _ = NotifyEnd(callbacks.Take(told));
            throw;
        }
        NotifyEnd(callbacks)?.Throw();
        return new History(progress.History, stopped);
    }

    public IReadOnlyDictionary<string, double> Evaluate(IBatchSource data) =>
        Evaluate(_ranks?.PartOf(data) ?? data, compiled.Objective, default)!;

    /// <summary>Returns whether to stop: on all ranks if it is requested on one.</summary>
    private bool IsCancelled(CancellationToken cancellation)
    {
        if (_ranks is null)
        {
            return cancellation.IsCancellationRequested;
        }
        compiled.StopTraining = _ranks.Any(compiled.StopTraining);
        return _ranks.Any(cancellation.IsCancellationRequested);
    }

    /// <summary>Resumes from a checkpoint, if there is one.</summary>
    /// <returns><see langword="true"/> if an epoch has begun.</returns>
    private bool Resume(FitRun run, FitProgress progress)
    {
        FitState? resumed = _ranks is null || _ranks.IsFirst ? Restored(run) : null;
        if (_ranks is not null)
        {
            FitState? shared = RankResume.Share(_ranks, run, resumed);
            if (!_ranks.IsFirst && shared is { InEpoch: true })
            {
                Tell(c => c.OnEpochBegin(shared.Epoch));
            }
            resumed = shared;
        }
        if (resumed is null)
        {
            return false;
        }
        progress.GoTo(resumed);
        return resumed.InEpoch;
    }

    private FitState? Restored(FitRun run)
    {
        if (_backups is not [var backup, ..])
        {
            return null;
        }
        // A callback that could not be resumed says so before the first step, not when the first checkpoint is due.
        _ = CallbackStates.Get(callbacks);
        if (backup.Find() is not { } checkpoint)
        {
            return null;
        }
        if (checkpoint.State.InEpoch)
        {
            // Before the states are restored, so that they override what it sets in callbacks and optimizer.
            Tell(c => c.OnEpochBegin(checkpoint.State.Epoch));
        }
        backup.Restore(checkpoint, run);
        return checkpoint.State;
    }

    /// <summary>Runs one epoch, or the rest of a resumed one.</summary>
    /// <returns><see langword="true"/> if the epoch is complete and the next may follow.</returns>
    private bool RunEpoch(
        FitRun run,
        FitProgress progress,
        int epochs,
        IBatchSource? validation,
        bool begun,
        CancellationToken cancellation
    )
    {
        if (!begun)
        {
            Tell(c => c.OnEpochBegin(progress.Epoch));
        }
        progress.BeginEpoch();
        bool whole = RunSteps(run, progress, epochs, cancellation);
        _ = Settled(progress);
        compiled.UseAverages();
        if (!whole)
        {
            // A checkpoint has been saved; this is for the model that remains.
            _ = Estimated(run, progress.Epoch, default);
            return false;
        }
        if (progress.Means.Samples == 0)
        {
            throw new LaminaException("There is nothing to train on: the data contains no samples.");
        }
        // The state to save if validation is interrupted.
        FitState trained = progress.State(compiled.StopTraining);
        EpochLog? log = progress.EpochLog(epochs);
        log = Estimated(run, progress.Epoch, cancellation) ? Validated(log, validation, cancellation) : null;
        if (log is null)
        {
            SaveNow(run, trained);
            return false;
        }
        progress.EndEpoch(log);
        Tell(c => c.OnEpochEnd(log));
        FitState ended = progress.State(compiled.StopTraining);
        if (!_failed)
        {
            Array.ForEach(_backups, b => b.AfterEpoch(run, ended));
        }
        bool stopped = IsCancelled(cancellation) && progress.Epoch < epochs;
        if (stopped)
        {
            SaveNow(run, ended);
        }
        return !stopped;
    }

    /// <summary>Runs the remaining steps of an epoch.</summary>
    /// <returns><see langword="true"/> unless it was canceled.</returns>
    private bool RunSteps(FitRun run, FitProgress progress, int epochs, CancellationToken cancellation)
    {
        int batches = (run.Train.Count + run.Train.BatchSize - 1) / run.Train.BatchSize;
        if (progress.Batches > 0 && (compiled.StopTraining || (batches > 0 && progress.Batches >= batches)))
        {
            return true;
        }
        foreach (Batch batch in run.Part.Batches(progress.Epoch, progress.Batches))
        {
            StepOutcome outcome = Step(batch, progress, epochs, batches);
            if (outcome.Samples == 0)
            {
                continue;
            }
            progress.Add(outcome, batch);
            BatchLog log = progress.BatchLog(epochs, batches);
            Tell(c => c.OnTrainBatchEnd(log));
            bool cancelled = IsCancelled(cancellation);
            BackupAndRestore[] due = [.. _backups.Where(b => b.IsDue() || cancelled)];
            if (due.Length > 0 && Settled(progress))
            {
                FitState state = progress.State(compiled.StopTraining);
                Array.ForEach(due, b => b.Save(run, state));
            }
            if (cancelled)
            {
                return false;
            }
            if (compiled.StopTraining)
            {
                break;
            }
        }
        return true;
    }

    /// <summary>Updates batch normalization's statistics to the weights, if requested.</summary>
    /// <returns><see langword="true"/> unless it was canceled.</returns>
    private bool Estimated(FitRun run, int epoch, CancellationToken cancellation) =>
        // Ranks that exchange statistics do not stop one by one.
        _failed || run.Compiled.EstimateStatistics(run.Part, epoch, _ranks is null ? cancellation : default);

    private void SaveNow(FitRun run, FitState state)
    {
        if (!_failed)
        {
            Array.ForEach(_backups, b => b.Save(run, state));
        }
    }

    private StepOutcome Step(Batch batch, FitProgress progress, int epochs, int batches)
    {
        (int epoch, int number) = (progress.Epoch, (batch.Position ?? progress.Batches) + 1);
        try
        {
            StepOutcome outcome = compiled.TrainStep(batch, compiled.OutputMetrics);
            outcome.Locate = Located;
            return outcome;
        }
        catch (LossException e) when (e.Epoch is null)
        {
            throw Located(e);
        }

        LossException Located(LossException e) => e.InEpoch(epoch, epochs, number, batches);
    }

    /// <summary>Reads the outcomes of all steps.</summary>
    /// <returns><see langword="true"/> unless a loss was not finite, and a callback stops the run for it.</returns>
    private bool Settled(FitProgress progress)
    {
        progress.Means.Settle();
        // The last saved checkpoint is the one to resume from.
        _failed |= progress.Means.EndsTraining;
        return !_failed;
    }

    /// <summary>
    /// Returns the epoch's log with the results of validation; <see langword="null"/> if that was canceled.
    /// </summary>
    private EpochLog? Validated(EpochLog log, IBatchSource? validation, CancellationToken cancellation)
    {
        if (validation is null)
        {
            return log;
        }
        if ((log.Epoch + 1) % validationFrequency != 0)
        {
            return log with { SkipsValidation = true };
        }
        if (Evaluate(validation, compiled.Validation, cancellation) is not { } values)
        {
            return null;
        }
        Dictionary<string, double> logs = new(log.Logs);
        foreach ((string key, double value) in values)
        {
            logs[$"val_{key}"] = value;
        }
        return log with { Logs = logs };
    }

    private Dictionary<string, double>? Evaluate(IBatchSource data, Objective objective, CancellationToken cancellation)
    {
        OutputMetric[] metrics = [.. compiled.OutputMetrics.Select(m => m.Fresh())];
        var means = new RunningMeans(objective.PartKeys, metrics);
        bool cancelled = false;
        foreach (Batch batch in data.Batches(0).Where(b => !b.IsFiller))
        {
            means.Add(compiled.TestStep(batch, metrics, objective), batch.Count);
            if (cancellation.IsCancellationRequested)
            {
                cancelled = true;
                break;
            }
        }
        if (_ranks?.Any(cancelled) ?? cancelled)
        {
            return null;
        }
        _ranks?.Merge(means);
        return means.Samples > 0
            ? means.Logs()
            : throw new LaminaException("There is nothing to evaluate: the data contains no samples.");
    }

    /// <summary>Notifies each callback of the end, even if another fails, because they hold files.</summary>
    /// <returns>The first failure.</returns>
    private static ExceptionDispatchInfo? NotifyEnd(IEnumerable<Callback> callbacks)
    {
        ExceptionDispatchInfo? first = null;
        foreach (Callback callback in callbacks)
        {
            try
            {
                callback.OnTrainEnd();
            }
#pragma warning disable CA1031 // The caller throws it after all have been notified.
            catch (Exception e)
#pragma warning restore CA1031
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }
        return first;
    }

    private void Tell(Action<Callback> what)
    {
        foreach (Callback callback in callbacks)
        {
            what(callback);
        }
    }
}
