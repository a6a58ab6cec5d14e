namespace Lamina.Torch;

/// <summary>Records the ops of metrics.</summary>
internal static class PlannedMetric
{
    /// <summary>Records what a metric reads of an output.</summary>
    public static Symbol Record(OutputMetric metric, LossTerm term) =>
        Record(
            metric.Metric,
            metric.Key,
            term.Target,
            LossTerm.Detached(term.Suits(metric.Metric) ? term.Scores : term.Output)
        );

    /// <summary>Records what a metric computes from targets and an output.</summary>
    /// <exception cref="LaminaException">The shapes do not match.</exception>
    public static Symbol Record(Metric metric, string key, Symbol target, Symbol output)
    {
        try
        {
            return metric.Call(target, output);
        }
        catch (LaminaException e)
        {
            throw new LaminaException($"The metric {key}: {e.Message}");
        }
    }
}
