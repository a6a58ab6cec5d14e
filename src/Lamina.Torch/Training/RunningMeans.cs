namespace Lamina;

/// <summary>Loss and metrics as means over samples. The metrics' sums are the metrics' own, so one is in use at a time.</summary>
internal sealed class RunningMeans
{
    private readonly IReadOnlyList<Metric> _metrics;

    /// <summary>Starts at nothing.</summary>
    public RunningMeans(IReadOnlyList<Metric> metrics)
    {
        _metrics = metrics;
        foreach (Metric metric in metrics)
        {
            metric.Reset();
        }
    }

    /// <summary>Goes on from sums.</summary>
    public RunningMeans(IReadOnlyList<Metric> metrics, MeansState state)
    {
        _metrics = metrics;
        (LossSum, Samples) = (state.LossSum, state.Samples);
        for (int i = 0; i < metrics.Count; i++)
        {
            metrics[i].State = state.Metrics[i];
        }
    }

    public int Samples { get; private set; }

    private double LossSum { get; set; }

    /// <summary>The sums, exactly.</summary>
    public MeansState State => new(LossSum, Samples, [.. _metrics.Select(m => m.State)]);

    public void Add(double loss, int samples)
    {
        LossSum += loss * samples;
        Samples += samples;
    }

    public Dictionary<string, double> Logs()
    {
        Dictionary<string, double> logs = new() { ["loss"] = LossSum / Samples };
        foreach (Metric metric in _metrics)
        {
            logs[metric.Name] = metric.Result;
        }
        return logs;
    }
}

/// <summary>The sums behind running means.</summary>
/// <param name="LossSum">The losses, each times its samples.</param>
/// <param name="Samples">The samples.</param>
/// <param name="Metrics">Each metric's sum and count.</param>
internal sealed record MeansState(double LossSum, int Samples, IReadOnlyList<(double Sum, long Count)> Metrics);
