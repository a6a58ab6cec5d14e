using System.Diagnostics;

namespace Lamina.Tuning;

/// <summary>
/// Searches by a plan. The plan is walked through from its beginning in every process; what the journal knows is not trained
/// again.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="trainer">The training.</param>
/// <param name="journal">The trials so far.</param>
/// <param name="observer">The observer.</param>
/// <param name="cancellation">Ends the search after the current step.</param>
internal sealed class SearchRun(
    TuningOptions options,
    TrialTrainer trainer,
    TuningJournal journal,
    TuningObserver observer,
    CancellationToken cancellation
)
{
    /// <summary>The number of draws for a trial before the search takes it that there are no other values.</summary>
    public const int MostAttempts = 64;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly HashSet<Trial> _discarded = [];
    private long _passed;
    private long _trained;
    private int _begun;
    private bool _isExhausted;

    /// <summary>Searches.</summary>
    /// <returns><see langword="true"/> if the search is complete; <see langword="false"/> if it was canceled.</returns>
    public bool Execute()
    {
        if (journal.Trials.Count > 0)
        {
            observer.OnMessage(FormattableString.Invariant($"going on after {journal.Trials.Count} trials"));
        }
        foreach (IReadOnlyList<Rung> bracket in options.Plan.Brackets)
        {
            if (!Search(bracket))
            {
                return false;
            }
        }
        return true;
    }

    private bool Search(IReadOnlyList<Rung> bracket)
    {
        List<Trial> alive = [];
        for (int i = 0; i < bracket.Count; i++)
        {
            int before = i == 0 ? 0 : bracket[i - 1].Epochs;
            IEnumerable<Trial> trials = i == 0 ? NewTrials(bracket[0].Trials) : alive;
            List<Trial> trained = [];
            bool isLast = i == bracket.Count - 1;
            foreach (Trial trial in trials)
            {
                if (!Train(trial, before, bracket[i].Epochs))
                {
                    return false;
                }
                trained.Add(trial);
                Discard(except: isLast ? [] : trained);
            }
            // Trials that failed or do not exist cost no time.
            _passed += (long)(bracket[i].Trials - trained.Count) * (bracket[i].Epochs - before);
            alive = isLast
                ? []
                : [.. journal.Ranked(trained).Where(t => t.Failure is null).Take(bracket[i + 1].Trials)];
            Discard(except: alive);
        }
        return true;
    }

    private IEnumerable<Trial> NewTrials(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int number = ++_begun;
            if ((number <= journal.Trials.Count ? journal.Trials[number - 1] : NewTrial(number)) is not { } trial)
            {
                _begun--;
                yield break;
            }
            yield return trial;
        }
    }

    private Trial? NewTrial(int number)
    {
        for (int attempt = 0; attempt < MostAttempts && !_isExhausted; attempt++)
        {
            var hyperParameters = new HyperParameters(options.Seed, number, attempt);
            string? failure = Chosen(hyperParameters);
            if (hyperParameters.Values.Count == 0)
            {
                throw new LaminaException("There is nothing to search: no hyperparameter was asked for.");
            }
            if (!journal.Contains(hyperParameters.Values))
            {
                Trial trial = journal.Add(number, hyperParameters, failure);
                if (failure is not null)
                {
                    observer.OnTrialEnd(trial, Best, Progress());
                }
                return trial;
            }
        }
        if (!_isExhausted)
        {
            _isExhausted = true;
            observer.OnMessage(
                FormattableString.Invariant(
                    $"no values are left that were not tried: the search ends after {number - 1} trials"
                )
            );
        }
        return null;
    }

    private string? Chosen(HyperParameters hyperParameters)
    {
        try
        {
            trainer.Choose(hyperParameters);
            return null;
        }
        catch (LaminaException e) when (e is ShapeException or GraphException or ConfigException)
        {
            return e.Message;
        }
    }

    private bool Train(Trial trial, int before, int epochs)
    {
        if (trial.Failure is null && trial.Scores.All(s => s.Epochs != epochs))
        {
            if (cancellation.IsCancellationRequested)
            {
                return false;
            }
            observer.OnTrialBegin(trial, epochs, Progress());
            long start = Stopwatch.GetTimestamp();
            if (!TrainNow(trial, epochs, start))
            {
                return false;
            }
            if (trial.Failure is null)
            {
                _trained += epochs - before;
            }
            _passed += epochs - before;
            observer.OnTrialEnd(trial, Best, Progress());
            return true;
        }
        _passed += epochs - before;
        return true;
    }

    private bool TrainNow(Trial trial, int epochs, long start)
    {
        try
        {
            if (trainer.Train(trial, epochs, cancellation) is not { } score)
            {
                return false;
            }
            if (double.IsFinite(score))
            {
                journal.Score(trial, new TrialScore(epochs, score, Stopwatch.GetElapsedTime(start)));
            }
            else
            {
                journal.Fail(
                    trial,
                    FormattableString.Invariant($"{options.Objective.Name} is {score} after {epochs} epochs.")
                );
            }
        }
        catch (TrialFailedException e)
        {
            journal.Fail(trial, e.Message);
        }
        return true;
    }

    private Trial? Best => journal.Ranked(journal.Trials).FirstOrDefault(t => t.Score is not null);

    private TuningProgress Progress()
    {
        SearchPlan plan = options.Plan;
        TimeSpan? left =
            _trained == 0
                ? null
                : Stopwatch.GetElapsedTime(_started) * ((plan.TotalEpochs - _passed) / (double)_trained);
        return new TuningProgress(_begun, plan.Trials, _passed, plan.TotalEpochs, left);
    }

    // Trials of the plan so far: a search that was begun with more trials may have others.
    private void Discard(IReadOnlyCollection<Trial> except)
    {
        foreach (Trial trial in journal.Ranked(journal.Trials).Skip(options.Keep).Except(except))
        {
            if (trial.Number <= _begun && _discarded.Add(trial))
            {
                trainer.Discard(trial);
            }
        }
    }
}
