namespace Lamina.Torch;

/// <summary>The updates of metrics by the results of a plan.</summary>
internal sealed class MetricUpdates
{
    private readonly IReadOnlyList<LossTerm> _terms;
    private readonly PlannedMetric[] _planned;
    private readonly int[] _outputs;
    private float[] _scores = [];

    /// <summary>Records what the plan computes for the metrics.</summary>
    /// <param name="terms">The losses of the outputs.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="targets">
    /// The scores of the terms; receives the outputs that metrics read which the scores do not suit.
    /// </param>
    public MetricUpdates(IReadOnlyList<LossTerm> terms, IReadOnlyList<OutputMetric> metrics, List<Symbol> targets)
    {
        _terms = terms;
        _planned =
        [
            .. metrics
                .Select((m, i) => m.Metric is MeanOf mean ? PlannedMetric.Create(i, mean, terms[m.Term]) : null)
                .OfType<PlannedMetric>(),
        ];
        _outputs = new int[terms.Count];
        for (int i = 0; i < terms.Count; i++)
        {
            _outputs[i] = i;
            if (metrics.Any(m => m.Term == i && m.Metric is not MeanOf && !terms[i].Suits(m.Metric)))
            {
                _outputs[i] = targets.Count;
                targets.Add(terms[i].Output);
            }
        }
    }

    /// <summary>The values that the plan computes for metrics, its last results.</summary>
    public IEnumerable<Symbol> Values => _planned.Select(p => p.Values);

    /// <summary>Updates metrics by the results of a batch.</summary>
    public void Update(ReadOnlySpan<Tensor> results, Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        for (int i = 0; i < _terms.Count; i++)
        {
            OutputMetric[] own = [.. metrics.Where(m => m.Term == i && m.Metric is not MeanOf)];
            Update(own.Where(m => _terms[m.Term].Suits(m.Metric)), results[i], batch);
            Update(own.Where(m => !_terms[m.Term].Suits(m.Metric)), results[_outputs[i]], batch);
        }
        ReadOnlySpan<Tensor> values = results[^_planned.Length..];
        for (int i = 0; i < _planned.Length && metrics.Count > 0; i++)
        {
            OutputMetric metric = metrics[_planned[i].Index];
            NDArray? weights = metric.IsWeighted ? batch.WeightsOf(metric.Term) : null;
            ((MeanOf)metric.Metric).Add(HostValues.Of(values[i]), weights is null ? [] : weights.Values);
        }
    }

    private void Update(IEnumerable<OutputMetric> metrics, Tensor scores, Batch batch)
    {
        NDArray? values = null;
        foreach (OutputMetric metric in metrics)
        {
            values ??= Copy(scores);
            NDArray target = batch.Targets[metric.Term];
            if (metric.IsWeighted)
            {
                metric.Metric.Update(values, target, batch.WeightsOf(metric.Term));
            }
            else
            {
                metric.Metric.Update(values, target);
            }
        }
    }

    // Metrics keep no reference to the scores, so that these can reuse the same memory in every step.
    private NDArray Copy(Tensor scores)
    {
        int count = checked((int)scores.Count);
        if (_scores.Length < count)
        {
            _scores = new float[count];
        }
        var copy = new NDArray(Feed.ShapeOf(scores), _scores.AsMemory(0, count));
        scores.CopyTo(copy.Values);
        return copy;
    }
}
