namespace Lamina.Torch;

/// <summary>A metric whose values the plan of training or evaluation computes.</summary>
/// <param name="Index">The index of the metric among those of the model.</param>
/// <param name="Term">The index of the output's loss.</param>
/// <param name="Target">The targets as input of the plan.</param>
/// <param name="Values">The values that are averaged.</param>
internal sealed record PlannedMetric(int Index, int Term, Symbol Target, Symbol Values)
{
    /// <summary>Records the values of a metric for targets of one shape.</summary>
    public static PlannedMetric Create(
        int index,
        MeanOf metric,
        int term,
        OutputLoss part,
        Model model,
        Shape targetShape
    )
    {
        Symbol target = LossTerm.TargetOf(targetShape);
        try
        {
            Symbol values = metric.Record(target, LossTerm.Detached(model.Outputs[part.Output]));
            return new PlannedMetric(index, term, target, values);
        }
        catch (Exception e) when (e is ShapeException or LaminaException)
        {
            throw new LaminaException($"The metric {part.Key(metric.Name)}: {e.Message}");
        }
    }
}
