using System.Diagnostics;

namespace Lamina;

/// <summary>The place of a training as it moves: epoch, batch, running means, history.</summary>
internal sealed class FitProgress
{
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly List<EpochLog> _history = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double? _startingShare;
    private TimeSpan _elapsedBefore;
    private long _since = Stopwatch.GetTimestamp();

    public FitProgress(IReadOnlyList<Metric> metrics, int epoch)
    {
        (_metrics, Epoch) = (metrics, epoch);
        Means = new RunningMeans(metrics);
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
        Means = new RunningMeans(_metrics, state.Means);
        _history.Clear();
        _history.AddRange(state.History);
        _since = Stopwatch.GetTimestamp();
    }

    /// <summary>Starts the clock of the epoch.</summary>
    public void BeginEpoch() => _since = Stopwatch.GetTimestamp();

    /// <summary>Adds a step.</summary>
    public void Add(double loss, Batch batch)
    {
        Means.Add(loss, batch.Count);
        Batches = batch.Position is { } position ? position + 1 : Batches + 1;
    }

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
        Means = new RunningMeans(_metrics);
    }
}
