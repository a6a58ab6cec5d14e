namespace Lamina.Torch;

/// <summary>The metrics in a plan: what it computes for them, and how they add it up.</summary>
internal sealed class MetricUpdates
{
    private readonly IReadOnlyList<OutputMetric> _planned;
    private readonly LossTerm[] _terms;
    private float[] _buffer = [];

    /// <summary>Records what the plan computes.</summary>
    /// <param name="terms">The losses of the outputs.</param>
    /// <param name="metrics">The metrics.</param>
    public MetricUpdates(IReadOnlyList<LossTerm> terms, IReadOnlyList<OutputMetric> metrics)
    {
        (_planned, _terms) = (metrics, [.. metrics.Select(m => terms[m.Term])]);
        Values = [.. metrics.Select((m, i) => PlannedMetric.Record(m, _terms[i]))];
    }

    /// <summary>The values that the plan computes for metrics, its last results.</summary>
    public IReadOnlyList<Symbol> Values { get; }

    /// <summary>Checks the values of targets, which ops cannot.</summary>
    /// <exception cref="LaminaException">A value is not allowed.</exception>
    public void RequireTargets(Batch batch)
    {
        for (int i = 0; i < _terms.Length; i++)
        {
            _planned[i].Metric.RequireTargets(batch.Targets[_planned[i].Term], _terms[i].Output.Shape);
        }
    }

    /// <summary>Adds the values of a batch to metrics; empty to add to none.</summary>
    public void Update(ReadOnlySpan<Tensor> results, Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        ReadOnlySpan<Tensor> values = results[^Values.Count..];
        for (int i = 0; i < Math.Min(values.Length, metrics.Count); i++)
        {
            OutputMetric metric = metrics[i];
            metric.Metric.Add(Copy(values[i]), metric.IsWeighted ? batch.WeightsOf(metric.Term) : null);
        }
    }

    // Metrics keep no reference to the values, so that these can reuse the same memory in every step.
    private NDArray Copy(Tensor values)
    {
        int count = checked((int)values.Count);
        if (_buffer.Length < count)
        {
            _buffer = new float[count];
        }
        var copy = new NDArray(Feed.ShapeOf(values), _buffer.AsMemory(0, count));
        values.CopyTo(copy.Values);
        return copy;
    }
}
