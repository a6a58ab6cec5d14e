using System.Diagnostics;

namespace Lamina;

/// <summary>The place of a training as it moves: epoch, batch, running means, history.</summary>
internal sealed class FitProgress
{
    private readonly CompiledModel _compiled;
    private readonly List<EpochLog> _history = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double? _startingShare;
    private TimeSpan _elapsedBefore;
    private long _since = Stopwatch.GetTimestamp();

    public FitProgress(CompiledModel compiled, int epoch)
    {
        (_compiled, Epoch) = (compiled, epoch);
        Means = NewMeans();
    }

    /// <summary>The epoch at hand, from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>How many batches of the epoch's order are behind.</summary>
    public int Batches { get; private set; }

    /// <summary>Loss and metrics in the epoch.</summary>
    public RunningMeans Means { get; private set; }

    /// <summary>The epochs that are done.</summary>
    public IReadOnlyList<EpochLog> History => _history;

    /// <summary>The time of the epoch.</summary>
    public TimeSpan Elapsed => _elapsedBefore + Stopwatch.GetElapsedTime(_since);

    /// <summary>The place as a value.</summary>
    public FitState State(bool stop) => new(Epoch, Batches, Means.State, Elapsed, stop, [.. _history]);

    /// <summary>Moves to another place.</summary>
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
    public void Add(BatchLoss loss, Batch batch)
    {
        Means.Add(loss, batch.Count);
        Batches = batch.Position is { } position ? position + 1 : Batches + 1;
    }

    private RunningMeans NewMeans(MeansState? state = null) =>
        new(_compiled.Objective.PartKeys, _compiled.OutputMetrics, state);

    /// <summary>What is known after a step.</summary>
    public BatchLog BatchLog(int epochs, int batches)
    {
        double share = Math.Min(1, (Epoch + ((double)Batches / batches)) / epochs);
        // The first step's own time is not known where the run goes on from a checkpoint: it counts from the step before.
        _startingShare ??= Math.Max(0, share - (1.0 / batches / epochs));
        double done = share - _startingShare.Value;
        TimeSpan rest = done > 0 ? _clock.Elapsed * ((1 - share) / done) : TimeSpan.Zero;
        return new BatchLog(
            Epoch,
            epochs,
            Batches,
            batches,
            Means.Samples,
            Means.Samples / Elapsed.TotalSeconds,
            rest,
            Means.Logs()
        );
    }

    /// <summary>The epoch's log, without validation.</summary>
    public EpochLog EpochLog(int epochs) =>
        new(Epoch, epochs, Elapsed, Means.Samples / Elapsed.TotalSeconds, Means.Logs());

    /// <summary>Goes over to the next epoch.</summary>
    public void EndEpoch(EpochLog log)
    {
        _history.Add(log);
        Epoch++;
        Batches = 0;
        _elapsedBefore = TimeSpan.Zero;
        Means = NewMeans();
    }
}
