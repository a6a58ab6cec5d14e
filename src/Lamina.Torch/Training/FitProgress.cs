using System.Diagnostics;
using Lamina.Torch;

namespace Lamina;

/// <summary>The progress of a training: epoch, batch, running means, history.</summary>
internal sealed class FitProgress
{
    private readonly CompiledModel _compiled;
    private readonly List<EpochLog> _history = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double? _startingShare;
    private IReadOnlyDictionary<string, double> _logs = new Dictionary<string, double>();
    private TimeSpan _elapsedBefore;
    private long _since = Stopwatch.GetTimestamp();

    public FitProgress(CompiledModel compiled, int epoch)
    {
        (_compiled, Epoch) = (compiled, epoch);
        Means = NewMeans();
    }

    /// <summary>The current epoch, from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>The number of batches of the epoch that are complete.</summary>
    public int Batches { get; private set; }

    /// <summary>The loss and metrics of the epoch.</summary>
    public RunningMeans Means { get; private set; }

    /// <summary>The completed epochs.</summary>
    public IReadOnlyList<EpochLog> History => _history;

    /// <summary>The time spent on the epoch.</summary>
    public TimeSpan Elapsed => _elapsedBefore + Stopwatch.GetElapsedTime(_since);

    /// <summary>Returns the progress as an immutable state.</summary>
    public FitState State(bool stop) => new(Epoch, Batches, Means.State, Elapsed, stop, [.. _history]);

    /// <summary>Moves to another state.</summary>
    public void GoTo(FitState state)
    {
        (Epoch, Batches, _elapsedBefore) = (state.Epoch, state.Batches, state.Elapsed);
        Means = NewMeans(state.Means);
        _history.Clear();
        _history.AddRange(state.History);
        _since = Stopwatch.GetTimestamp();
    }

    /// <summary>Starts the clock of the epoch.</summary>
    public void BeginEpoch() => _since = Stopwatch.GetTimestamp();

    /// <summary>Adds a step.</summary>
    public void Add(StepOutcome outcome, Batch batch)
    {
        _logs = Means.Add(outcome, outcome.Samples ?? batch.Count);
        Batches = batch.Position is { } position ? position + 1 : Batches + 1;
    }

    private RunningMeans NewMeans(MeansState? state = null) =>
        new(_compiled.Objective.PartKeys, _compiled.OutputMetrics, state);

    /// <summary>Returns the log after a step.</summary>
    public BatchLog BatchLog(int epochs, int batches)
    {
        // The length of an epoch may be unknown.
        double share =
            batches == 0 ? (double)Epoch / epochs : Math.Min(1, (Epoch + ((double)Batches / batches)) / epochs);
        TimeSpan rest;
        if (_startingShare is { } start)
        {
            rest = share > start ? _clock.Elapsed * ((1 - share) / (share - start)) : TimeSpan.Zero;
        }
        else
        {
            // The first step of a process prepares memory and kernels, so it says little about the rest.
            (_startingShare, rest) = (share, EpochTime(batches) * (epochs * (1 - share)));
            _clock.Restart();
        }
        return new BatchLog(
            Epoch,
            epochs,
            Batches,
            batches,
            Means.Samples,
            Means.Samples / Elapsed.TotalSeconds,
            rest,
            _logs
        );
    }

    // From the last epoch, or from the batches of this one, some of which may be from before an interruption.
    private TimeSpan EpochTime(int batches) =>
        _history is [.., var last] ? last.Elapsed
        : Batches > 0 ? Elapsed * ((double)batches / Batches)
        : TimeSpan.Zero;

    /// <summary>Returns the epoch's log, without validation.</summary>
    public EpochLog EpochLog(int epochs) =>
        new(Epoch, epochs, Elapsed, Means.Samples / Elapsed.TotalSeconds, Means.Logs());

    /// <summary>Moves to the next epoch.</summary>
    public void EndEpoch(EpochLog log)
    {
        _history.Add(log);
        Epoch++;
        Batches = 0;
        _elapsedBefore = TimeSpan.Zero;
        Means = NewMeans();
    }
}
