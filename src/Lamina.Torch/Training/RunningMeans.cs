namespace Lamina;

/// <summary>
/// The means of losses and metrics over samples. Metrics hold their own sums, so only one instance is in use at a time.
/// </summary>
internal sealed class RunningMeans
{
    private readonly IReadOnlyList<OutputMetric> _metrics;
    private IReadOnlyList<string> _partKeys;
    private double[] _partSums;
    private bool _isCustom;

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
            (LossSum, Samples) = (state.LossSum, state.Samples);
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

    public int Samples { get; private set; }

    private double LossSum { get; set; }

    /// <summary>The exact sums.</summary>
    public MeansState State =>
        new(LossSum, Samples, [.. _metrics.Select(m => m.Metric.Accumulated)])
        {
            PartSums = [.. _partSums],
            Names = _isCustom ? _partKeys : null,
        };

    public void Add(BatchLoss loss, int samples)
    {
        LossSum += loss.Total * samples;
        if (loss.Logs is { } logs)
        {
            TakeNames(logs);
        }
        for (int i = 0; i < _partSums.Length; i++)
        {
            _partSums[i] += samples * (_isCustom ? loss.Logs?[_partKeys[i]] ?? loss.Total : loss.Parts[i]);
        }
        Samples += samples;
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
        double[] sums = [LossSum, Samples, .. _partSums, .. states.SelectMany(s => s)];
        ranks.AllReduce(sums);
        (LossSum, Samples) = (sums[0], (int)sums[1]);
        sums.AsSpan(2, _partSums.Length).CopyTo(_partSums);
        int at = 2 + _partSums.Length;
        for (int i = 0; i < states.Length; i++)
        {
            _metrics[i].Metric.Accumulated = sums[at..(at + states[i].Length)];
            at += states[i].Length;
        }

        double Own(int rank, int size) => rank == ranks.Rank ? size : 0;
    }

    public Dictionary<string, double> Logs()
    {
        Dictionary<string, double> logs = [];
        if (!_isCustom)
        {
            logs["loss"] = LossSum / Samples;
        }
        for (int i = 0; i < _partSums.Length; i++)
        {
            logs[_partKeys[i]] = _partSums[i] / Samples;
        }
        foreach (OutputMetric metric in _metrics)
        {
            logs[metric.Key] = metric.Metric.Result;
        }
        return logs;
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
