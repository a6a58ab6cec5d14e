using System.Diagnostics;
using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>
/// The training steps of a compiled model: the plan for targets of one shape, and the order of forward, loss, backward and
/// updates. The caller holds the model's gate.
/// </summary>
/// <param name="compiled">The compiled model.</param>
/// <param name="updates">The updates of its weights.</param>
/// <param name="guard">The flag of finite losses where these are read late; <see langword="null"/> elsewhere.</param>
internal sealed class TrainingSteps(CompiledModel compiled, WeightUpdates updates, FiniteGuard? guard) : IDisposable
{
    private Plan? _training;
    private BoundObjective? _bound;
    private string? _boundKey;
    private MovedStatistics? _statistics;

    private RankSteps? Ranks => compiled.Ranks;

    /// <summary>Returns the plan of training for a batch; a new one if its targets have a new shape.</summary>
    public Plan PlanFor(Batch batch)
    {
        string key = compiled.Objective.KeyOf(batch);
        if (_training is not null && key == _boundKey)
        {
            return _training;
        }
        _statistics?.Dispose();
        _training?.Dispose();
        (_statistics, _training) = (null, null);
        (_bound, _boundKey) = (compiled.Objective.Bind(batch, compiled.OutputMetrics), key);
        OpGraph graph = _bound.TrainingGraph();
        PlanProgram program = compiled.Recompute
            ? PlanSegments.Choose(graph, batch.Inputs[0].Count, compiled.Device, compiled.Precision)
            : new PlanProgram(graph, training: true, compiled.Device, compute: compiled.Precision);
        var plan = new Plan(program) { Observer = compiled.Observer };
        // Tensors that live as long as the training are allocated first, so that they do not fragment the memory of
        // temporary ones.
        plan.TakeParameters();
        updates.Reserve(plan.Trained);
        return _training = plan;
    }

    /// <summary>Takes one training step.</summary>
    /// <param name="batch">The samples.</param>
    /// <param name="metrics">Metrics to update.</param>
    /// <returns>The outcome: the loss before the step.</returns>
    public StepOutcome Run(Batch batch, IReadOnlyList<OutputMetric> metrics)
    {
        Plan plan = PlanFor(batch);
        // From the forward pass to the last update, the weights belong to this step.
        using WeightLocks.Held held = plan.Locks.Take();
        _statistics ??= new MovedStatistics(plan);
        if (compiled.AveragesIn)
        {
            compiled.SwapAverages();
        }
        var step = new StepContext(true, compiled.Seed, compiled.Step);
        step = Ranks?.ContextOf(step, batch) ?? step;
        Tensor[] inputs = Fed(_bound!, batch);
        try
        {
            _statistics.Keep();
            Ranks?.Begin(metrics);
            Tensor[] results = plan.Forward(step, inputs, takesInputs: true);
            List<Tensor?> slopes = _bound!.Slopes(results, batch);
            StepOutcome outcome =
                Ranks is null && guard is not null
                    ? StepUnread(plan, step, results, slopes, batch, metrics)
                    : StepRead(plan, step, results, slopes, batch, metrics);
            Ranks?.Check(compiled.Model, compiled.Step);
            return outcome;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    // The loss decides on the host whether the step takes place.
    private StepOutcome StepRead(
        Plan plan,
        in StepContext step,
        Tensor[] results,
        List<Tensor?> slopes,
        Batch batch,
        IReadOnlyList<OutputMetric> metrics
    )
    {
        long started = Now();
        using var outcome = new StepOutcome(_bound!, results, batch, metrics);
        BatchLoss loss = outcome.Read();
        compiled.Observer?.Did(StepPart.Loss, started);
        double share = 1;
        if (Ranks is not null)
        {
            (loss, share) = Ranks.Agree(loss, batch, metrics);
            outcome.Agree(loss);
        }
        if (loss.Samples == 0 || !double.IsFinite(loss.Total))
        {
            // No rank could read a sample: as in one process, there is no step. Nor is there one without a loss.
            Feed.Free(slopes.OfType<Tensor>());
            _statistics!.Restore();
            plan.Abandon();
            if (loss.Samples != 0)
            {
                outcome.End();
                compiled.EndAt(compiled.Step, loss.Total);
            }
            return outcome;
        }
        updates.Begin();
        if (Ranks is null)
        {
            plan.Backward(step, slopes, updates.Apply);
        }
        else
        {
            Ranks.Average(_statistics!, share);
            Ranks.Backward(plan, step, slopes, share, updates.Apply);
        }
        updates.End();
        return outcome;
    }

    // A flag on the device decides, and the host reads the loss when somebody looks.
    private StepOutcome StepUnread(
        Plan plan,
        in StepContext step,
        Tensor[] results,
        List<Tensor?> slopes,
        Batch batch,
        IReadOnlyList<OutputMetric> metrics
    )
    {
        long started = Now();
        guard!.Check(results, slopes);
        compiled.Observer?.Did(StepPart.Loss, started);
        _statistics!.Restore(guard);
        _bound!.FreeScores(results);
        UpdateCounts before = updates.Counts;
        var outcome = new StepOutcome(_bound!, results, BoundObjective.Kept(batch), metrics)
        {
            // Since this step, no update has had an effect.
            OnNonFinite = loss =>
            {
                compiled.GoBack(before);
                compiled.EndAt(before.Steps, loss);
            },
        };
        try
        {
            updates.Begin();
            plan.Backward(step, slopes, updates.Apply);
            updates.End();
            return outcome;
        }
        catch
        {
            outcome.Dispose();
            throw;
        }
    }

    private Tensor[] Fed(BoundObjective bound, Batch batch)
    {
        long started = Now();
        Tensor[] inputs = bound.Feed(batch, compiled.Device);
        compiled.Observer?.Did(StepPart.Feed, started);
        return inputs;
    }

    private long Now() => compiled.Observer is null ? 0 : Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public void Dispose()
    {
        _training?.Dispose();
        _statistics?.Dispose();
    }
}
