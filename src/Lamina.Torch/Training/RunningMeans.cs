using System.Collections;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The means of losses and metrics over samples. Metrics hold their own sums, so only one instance is in use at a time.
/// Outcomes of steps are read when somebody looks at the means, and then all of them in order.
/// </summary>
internal sealed class RunningMeans
{
    // What may wait on the device: a loss that is not finite is noticed this much later, and scores take memory.
    private const int MaxUnread = 64;
    private const long MaxUnreadBytes = 32L << 20;

    private readonly IReadOnlyList<OutputMetric> _metrics;
    private readonly Queue<Unread> _unread = [];
    private IReadOnlyList<string> _partKeys;
    private double[] _partSums;
    private bool _isCustom;
    private long _unreadBytes;
    private int _read;

    /// <summary>Starts empty, or continues from sums.</summary>
    /// <param name="partKeys">The names of the losses of outputs, if there are several.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="state">The sums to continue from.</param>
    public RunningMeans(IReadOnlyList<string> partKeys, IReadOnlyList<OutputMetric> metrics, MeansState? state = null)
    {
        (_partKeys, _metrics) = (partKeys, metrics);
        _partSums = new double[partKeys.Count];
        foreach (OutputMetric metric in metrics)
        {
            metric.Metric.Reset();
        }
        if (state is not null)
        {
            (LossSum, Samples, _read) = (state.LossSum, state.Samples, state.Samples);
            if (state.Names is { } names)
            {
                (_partKeys, _partSums, _isCustom) = (names, new double[names.Count], true);
            }
            state.PartSums.CopyTo(_partSums, 0);
            for (int i = 0; i < metrics.Count; i++)
            {
                metrics[i].Metric.Accumulated = state.Metrics[i];
            }
        }
    }

    /// <summary>The number of samples, those of unread outcomes included.</summary>
    public int Samples { get; private set; }

    /// <summary><see langword="true"/> if a loss that was read ended training.</summary>
    public bool EndsTraining { get; private set; }

    private double LossSum { get; set; }

    /// <summary>The exact sums.</summary>
    public MeansState State
    {
        get
        {
            Settle();
            return new(LossSum, _read, [.. _metrics.Select(m => m.Metric.Accumulated)])
            {
                PartSums = [.. _partSums],
                Names = _isCustom ? _partKeys : null,
            };
        }
    }

    /// <summary>Adds the outcome of a step, which is read now if that costs nothing.</summary>
    /// <returns>The means after the step, which are read when needed.</returns>
    public IReadOnlyDictionary<string, double> Add(StepOutcome outcome, int samples)
    {
        Samples += samples;
        var logs = new StepLogs(this);
        _unread.Enqueue(new Unread(outcome, samples, logs));
        _unreadBytes += outcome.Bytes;
        if (outcome.IsRead || _unread.Count >= MaxUnread || _unreadBytes > MaxUnreadBytes)
        {
            Settle();
        }
        return logs;
    }

    /// <summary>Reads all outcomes.</summary>
    /// <exception cref="LossException">A loss is not finite.</exception>
    public void Settle()
    {
        try
        {
            while (_unread.TryDequeue(out Unread? next))
            {
                BatchLoss loss = next.Outcome.Loss;
                LossSum += loss.Total * next.Samples;
                if (loss.Logs is { } logs)
                {
                    TakeNames(logs);
                }
                for (int i = 0; i < _partSums.Length; i++)
                {
                    double part = _isCustom ? loss.Logs?[_partKeys[i]] ?? loss.Total : loss.Parts[i];
                    _partSums[i] += part * next.Samples;
                }
                _read += next.Samples;
                next.Logs.Values = Means();
                if (next.Outcome.EndsTraining)
                {
                    EndsTraining = true;
                    Drop(next.Logs.Values);
                }
            }
        }
        catch
        {
            Drop(Means());
            throw;
        }
        finally
        {
            _unreadBytes = 0;
        }
    }

    // The steps after one that ended training had no effect.
    private void Drop(Dictionary<string, double> values)
    {
        while (_unread.TryDequeue(out Unread? next))
        {
            next.Outcome.Dispose();
            next.Logs.Values = values;
        }
        Samples = _read;
    }

    // A program's own step chooses the names, in its first batch.
    private void TakeNames(IReadOnlyDictionary<string, double> logs)
    {
        if (!_isCustom)
        {
            (_partKeys, _partSums, _isCustom) = ([.. logs.Keys], new double[logs.Count], true);
        }
        else if (logs.Count != _partKeys.Count || !_partKeys.All(logs.ContainsKey))
        {
            throw new LaminaException(
                $"The step returned {string.Join(", ", logs.Keys)}, and {string.Join(", ", _partKeys)} for another batch. Return the same names each time."
            );
        }
    }

    /// <summary>Replaces the sums over one rank's samples by those over all ranks'.</summary>
    /// <param name="ranks">The ranks.</param>
    public void Merge(ICommunicator ranks)
    {
        Settle();
        double[][] states = [.. _metrics.Select(m => m.Metric.Accumulated)];
        // A rank that had no sample does not know the sizes that data determine.
        double[] sizes =
        [
            .. states.SelectMany((s, i) => Enumerable.Range(0, ranks.Size).Select(r => Own(r, s.Length))),
        ];
        ranks.AllReduce(sizes);
        for (int i = 0; i < states.Length; i++)
        {
            Array.Resize(ref states[i], (int)sizes.AsSpan(i * ranks.Size, ranks.Size).ToArray().Max());
        }
        double[] sums = [LossSum, _read, .. _partSums, .. states.SelectMany(s => s)];
        ranks.AllReduce(sums);
        (LossSum, _read) = (sums[0], (int)sums[1]);
        Samples = _read;
        sums.AsSpan(2, _partSums.Length).CopyTo(_partSums);
        int at = 2 + _partSums.Length;
        for (int i = 0; i < states.Length; i++)
        {
            _metrics[i].Metric.Accumulated = sums[at..(at + states[i].Length)];
            at += states[i].Length;
        }

        double Own(int rank, int size) => rank == ranks.Rank ? size : 0;
    }

    /// <summary>Returns the means, after reading all outcomes.</summary>
    public Dictionary<string, double> Logs()
    {
        Settle();
        return Means();
    }

    private Dictionary<string, double> Means()
    {
        Dictionary<string, double> logs = [];
        if (!_isCustom)
        {
            logs["loss"] = LossSum / _read;
        }
        for (int i = 0; i < _partSums.Length; i++)
        {
            logs[_partKeys[i]] = _partSums[i] / _read;
        }
        foreach (OutputMetric metric in _metrics)
        {
            logs[metric.Key] = metric.Metric.Result;
        }
        return logs;
    }

    private sealed record Unread(StepOutcome Outcome, int Samples, StepLogs Logs);

    /// <summary>The means after a step, read with those of the steps before it when first needed.</summary>
    private sealed class StepLogs(RunningMeans means) : IReadOnlyDictionary<string, double>
    {
        /// <summary>The values; empty until they are read.</summary>
        public Dictionary<string, double>? Values { get; set; }

        public int Count => Read().Count;

        public IEnumerable<string> Keys => Read().Keys;

        IEnumerable<double> IReadOnlyDictionary<string, double>.Values => Read().Values;

        public double this[string key] => Read()[key];

        public bool ContainsKey(string key) => Read().ContainsKey(key);

        public bool TryGetValue(string key, out double value) => Read().TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, double>> GetEnumerator() => Read().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private Dictionary<string, double> Read()
        {
            if (Values is null)
            {
                means.Settle();
            }
            return Values!;
        }
    }
}

/// <summary>The sums behind running means.</summary>
/// <param name="LossSum">The sum of the losses, each times its samples.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="Metrics">The state of each metric.</param>
internal sealed record MeansState(double LossSum, int Samples, IReadOnlyList<double[]> Metrics)
{
    /// <summary>The sums of the outputs' losses, each times its samples; empty if the model has one output.</summary>
    public double[] PartSums { get; init; } = [];

    /// <summary>The names of the sums, if a program's own step chose them.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}
