namespace Lamina.Torch;

/// <summary>
/// Orders the actions of a plan, and determines the end of each value: after the last action that uses it before it is
/// recomputed.
/// </summary>
internal sealed class PlanSchedule
{
    private readonly OpGraph _graph;
    private readonly PlanStep[] _steps;
    private readonly int[] _segments;
    private readonly List<PlanAction> _actions = [];

    private PlanSchedule(OpGraph graph, PlanStep[] steps, IReadOnlyList<int> segments) =>
        (_graph, _steps, _segments) = (graph, steps, [.. segments]);

    /// <summary>Returns the actions in order.</summary>
    public static PlanAction[] Build(OpGraph graph, PlanStep[] steps, bool training, IReadOnlyList<int> segments)
    {
        var schedule = new PlanSchedule(graph, steps, segments);
        schedule.Order(training);
        return schedule.WithFrees();
    }

    private void Order(bool training)
    {
        int last = _segments[^1];
        for (int i = 0; i < _steps.Length; i++)
        {
            // State that a kernel keeps for a backward pass that will not come (because it runs recomputed, or is below
            // everything that is trained) is released at once.
            bool release = training && (i < last || !_graph.NeedsGradient[_steps[i].Slot]);
            _actions.Add(new PlanAction(PlanActionKind.Forward, i) { Release = release });
        }
        _actions.Add(new PlanAction(PlanActionKind.Deliver, -1));
        for (int segment = _segments.Length - 1; training && segment >= 0; segment--)
        {
            int begin = _segments[segment];
            int end = segment + 1 < _segments.Length ? _segments[segment + 1] : _steps.Length;
            if (begin != last)
            {
                _actions.AddRange(Recomputed(begin, end));
            }
            for (int i = end - 1; i >= begin; i--)
            {
                _actions.Add(new PlanAction(PlanActionKind.Backward, i));
            }
        }
    }

    // The steps of a segment that must run again: those whose values its backward reads and no later segment has kept,
    // those whose kernels keep state, and what these read.
    private Stack<PlanAction> Recomputed(int begin, int end)
    {
        HashSet<int> made = [.. _steps[begin..end].Select(s => s.Slot)];
        HashSet<int> kept = [.. _steps[end..].SelectMany(s => s.Inputs).Where(made.Contains)];
        var needed = new HashSet<int>(_steps[begin..end].SelectMany(BackwardReads).Where(Missing));
        Stack<PlanAction> recomputed = new();
        for (int i = end - 1; i >= begin; i--)
        {
            PlanStep step = _steps[i];
            bool isNeeded = needed.Contains(step.Slot);
            if (isNeeded || (step.Kernel.KeepsState && _graph.NeedsGradient[step.Slot]))
            {
                recomputed.Push(new PlanAction(PlanActionKind.Recompute, i) { DropsOutput = kept.Contains(step.Slot) });
                needed.UnionWith(step.Inputs.Where(Missing));
            }
        }
        return recomputed;

        bool Missing(int slot) => made.Contains(slot) && !kept.Contains(slot);
    }

    private IEnumerable<int> BackwardReads(PlanStep step)
    {
        if (!_graph.NeedsGradient[step.Slot])
        {
            return [];
        }
        IEnumerable<int> inputs = step.Inputs.Where((_, i) => step.Kernel.BackwardReadsInput(i));
        return step.Kernel.BackwardReadsOutput ? inputs.Append(step.Slot) : inputs;
    }

    private PlanAction[] WithFrees()
    {
        var last = new int[_graph.Nodes.Count];
        Array.Fill(last, -1);
        List<int>[] frees = [.. _actions.Select(_ => new List<int>())];
        for (int i = 0; i < _actions.Count; i++)
        {
            PlanAction action = _actions[i];
            IEnumerable<int> reads = action.Kind switch
            {
                PlanActionKind.Deliver => _graph.Targets,
                PlanActionKind.Backward => BackwardReads(_steps[action.Step]),
                _ => _steps[action.Step].Inputs,
            };
            foreach (int slot in reads)
            {
                last[slot] = i;
            }
            if (action is { Kind: PlanActionKind.Forward or PlanActionKind.Recompute, DropsOutput: false })
            {
                int slot = _steps[action.Step].Slot;
                if (last[slot] >= 0)
                {
                    frees[last[slot]].Add(slot);
                }
                last[slot] = i;
            }
        }
        for (int slot = 0; slot < last.Length; slot++)
        {
            if (last[slot] >= 0)
            {
                frees[last[slot]].Add(slot);
            }
        }
        return
        [
            .. _actions.Select(
                (a, i) => a with { Free = [.. frees[i].Where(s => _graph.Nodes[s].Op is not ParameterOp)] }
            ),
        ];
    }
}
