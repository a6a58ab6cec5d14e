namespace Lamina.Torch;

/// <summary>A metric whose values the plan of training or evaluation computes.</summary>
/// <param name="Index">The index of the metric among those of the model.</param>
/// <param name="Values">The values that are averaged.</param>
internal sealed record PlannedMetric(int Index, Symbol Values)
{
    /// <summary>Records the values of a metric.</summary>
    public static PlannedMetric Create(int index, MeanOf metric, LossTerm term)
    {
        try
        {
            return new PlannedMetric(index, metric.Record(term.Target, LossTerm.Detached(term.Output)));
        }
        catch (Exception e) when (e is ShapeException or LaminaException)
        {
            throw new LaminaException($"The metric {term.Part.Key(metric.Name)}: {e.Message}");
        }
    }
}
