using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// Replaces the stored statistics of a model's batch normalizations by those of its present weights. It runs a forward
/// pass in training mode over some batches, up to the last batch normalization.
/// </summary>
internal sealed class StatisticsPass : IDisposable
{
    private readonly Model _model;
    private readonly Plan _plan;
    private readonly MovedStatistics _before;

    private StatisticsPass(Model model, Symbol[] targets, Device device, ComputePrecision precision)
    {
        _model = model;
        // Ops behave as in training, but nothing runs backward.
        var graph = new OpGraph(model.Inputs, targets, training: true);
        _plan = new Plan(new PlanProgram(graph, training: false, device, compute: precision));
        _plan.TakeParameters();
        _before = new MovedStatistics(_plan);
    }

    /// <summary>
    /// Creates the pass; <see langword="null"/> if the model has no statistics that training changes.
    /// </summary>
    public static StatisticsPass? Of(Model model, Device device, ComputePrecision precision)
    {
        Symbol[] targets = LastNormalizations(new OpGraph(model.Inputs, model.Outputs, training: true));
        return targets.Length > 0 ? new StatisticsPass(model, targets, device, precision) : null;
    }

    /// <summary>Runs the pass over the first batches of an epoch, until they contain enough samples.</summary>
    /// <param name="data">The data, as training sees it.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="samples">The minimum number of samples, at least 1; the last batch counts as a whole.</param>
    /// <param name="seed">The seed of dropout before a normalization.</param>
    /// <param name="step">The step that dropout counts from.</param>
    /// <param name="cancellation">Cancels the pass; the statistics are then unchanged.</param>
    /// <param name="ranks">The ranks that have the other parts of each batch; <see langword="null"/> for none.</param>
    /// <returns><see langword="true"/> unless it was canceled.</returns>
    /// <exception cref="LaminaException">The data contains no samples, or does not match the model.</exception>
    public bool Run(
        IBatchSource data,
        int epoch,
        int samples,
        long seed,
        long step,
        CancellationToken cancellation,
        RankSteps? ranks = null
    )
    {
        var context = new StepContext(true, seed, step) { Estimate = new StatisticsEstimate() };
        bool done = false;
        using (_plan.Locks.Take())
        {
            _before.Keep();
        }
        try
        {
            int seen = 0;
            foreach (Batch batch in data.Batches(epoch))
            {
                if (cancellation.IsCancellationRequested)
                {
                    return false;
                }
                StepContext own = ranks?.ContextOf(context, batch) ?? context;
                Feed.Free(_plan.Forward(own, Feed.ToTensors(_model, batch.Inputs, _plan.Device), takesInputs: true));
                context = context with { Step = context.Step + 1 };
                seen += ranks?.CountOf(batch) ?? batch.Count;
                if (seen >= samples)
                {
                    break;
                }
            }
            return done =
                seen > 0 ? true : throw new LaminaException("There are no samples to estimate statistics from.");
        }
        finally
        {
            if (!done)
            {
                using WeightLocks.Held held = _plan.Locks.Take();
                _before.Restore();
            }
        }
    }

    // Every other normalization is upstream of one of these.
    private static Symbol[] LastNormalizations(OpGraph graph)
    {
        var isUpstream = new bool[graph.Nodes.Count];
        List<Symbol> last = [];
        for (int slot = graph.Nodes.Count - 1; slot >= 0; slot--)
        {
            OpNode node = graph.Nodes[slot];
            bool isMoved = node.Op is BatchNormalizationOp && node.Layer is not { Trainable: false };
            if (isMoved && !isUpstream[slot])
            {
                last.Add(node.Output);
                isUpstream[slot] = true;
            }
            foreach (int input in isUpstream[slot] ? graph.InputsOf(slot) : [])
            {
                isUpstream[input] = true;
            }
        }
        return [.. last];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _before.Dispose();
        _plan.Dispose();
    }
}
