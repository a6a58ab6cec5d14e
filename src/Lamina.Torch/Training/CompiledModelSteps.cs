using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

// What Fit, TrainOnBatch and Evaluate run.
public sealed partial class CompiledModel
{
    /// <summary>Takes one training step.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <returns>The outcome: the loss before the step.</returns>
    internal StepOutcome TrainStep(Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        using Lock.Scope gate = EnterGate();
        if (_custom is { IsRunning: false } custom)
        {
            if (AveragesIn)
            {
                SwapAverages();
            }
            return custom.Train(batch, metrics);
        }
        return _steps.Run(batch, metrics);
    }

    /// <summary>Returns to the counts before a step whose loss is not finite: since then no update has had an effect.</summary>
    internal void GoBack(UpdateCounts counts)
    {
        using Lock.Scope gate = EnterGate();
        _updates.Counts = counts;
        _guard!.Reset();
    }

    /// <summary>Ends training because of a loss.</summary>
    /// <exception cref="LossException">No callback handles it.</exception>
    internal void EndAt(long step, double loss)
    {
        if (NonFiniteLoss is not { } tell)
        {
            throw new LossException(loss, step);
        }
        StopTraining = true;
        tell(step, loss);
    }

    /// <summary>Estimates batch normalization's statistics for the present weights, if requested.</summary>
    /// <param name="train">The training data.</param>
    /// <param name="epoch">The epoch whose first batches are read.</param>
    /// <param name="cancellation">Cancels the estimate; the statistics are then unchanged.</param>
    /// <returns><see langword="true"/> unless it was canceled.</returns>
    internal bool EstimateStatistics(IBatchSource train, int epoch, CancellationToken cancellation)
    {
        if (StatisticsSamples == 0)
        {
            return true;
        }
        using Lock.Scope gate = EnterGate();
        _estimation ??= StatisticsPass.Of(Model, Device, Precision);
        return _estimation?.Run(train, epoch, StatisticsSamples, _seed, Step, cancellation, _ranks) ?? true;
    }

    /// <summary>Evaluates one batch.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <param name="objective">The compiled losses, or those of validation.</param>
    /// <returns>The outcome.</returns>
    internal StepOutcome TestStep(Batch batch, IReadOnlyList<OutputMetric> metrics, Objective objective)
    {
        using Lock.Scope gate = EnterGate();
        if (_custom is { IsRunning: false } custom && custom.Test(batch, metrics) is { } tested)
        {
            return StepOutcome.Of(tested);
        }
        (Objective, string) key = (objective, objective.KeyOf(batch));
        if (!_evaluations.TryGetValue(key, out (Plan Plan, BoundObjective Bound) evaluation))
        {
            BoundObjective bound = objective.Bind(batch, OutputMetrics);
            evaluation = (new Plan(bound.Inputs, bound.Targets, training: false, Device, Precision), bound);
            _evaluations[key] = evaluation;
        }
        Tensor[] inputs = evaluation.Bound.Feed(batch, Device);
        Tensor[] results = evaluation.Plan.Forward(new StepContext(false, _seed, Step), inputs, takesInputs: true);
        evaluation.Bound.FreeScores(results);
        if (ReadsLate)
        {
            return new StepOutcome(evaluation.Bound, results, BoundObjective.Kept(batch), metrics);
        }
        var outcome = new StepOutcome(evaluation.Bound, results, batch, metrics);
        outcome.Read();
        return outcome;
    }

    private bool ReadsLate => _guard is not null;
}
