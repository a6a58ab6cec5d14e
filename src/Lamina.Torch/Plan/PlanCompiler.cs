namespace Lamina.Torch;

/// <summary>Decides, for each op of a graph: its kernel, what fuses, what is overwritten, and where values die.</summary>
internal static class PlanCompiler
{
    public static PlanStep[] Compile(OpGraph graph, bool training)
    {
        HashSet<int> targets = [.. graph.Targets];
        List<PlanStep> steps = [];
        Dictionary<int, int> fusedInto = training ? [] : FindReluFusions(graph, targets);
        HashSet<int> fusedRelus = [.. fusedInto.Values];
        int index = 0;
        for (int slot = 0; slot < graph.Nodes.Count; slot++)
        {
            if (graph.IsLeaf(slot) || fusedRelus.Contains(slot))
            {
                continue;
            }
            bool fuse = fusedInto.TryGetValue(slot, out int relu);
            int[] inputs = graph.InputsOf(slot);
            Kernel kernel = KernelFactory.Create(graph.Nodes[slot], fuse, index++);
            steps.Add(
                new PlanStep
                {
                    Kernel = kernel,
                    Slot = fuse ? relu : slot,
                    Inputs = inputs,
                    Overwrites = false,
                    Wanted = [.. inputs.Select(i => training && graph.NeedsGradient[i])],
                }
            );
        }
        if (training)
        {
            RequireGradientPath(graph);
        }
        for (int i = 0; i < steps.Count; i++)
        {
            steps[i] = steps[i] with { Overwrites = MayOverwrite(graph, steps, i, targets, training) };
        }
        PlaceFrees(graph, steps, targets, training);
        PlaceFinished(graph, steps);
        return [.. steps];
    }

    private static void RequireGradientPath(OpGraph graph)
    {
        if (!graph.Targets.Any(t => graph.NeedsGradient[t]))
        {
            throw new LaminaException(
                "Nothing can be trained: every weight of the model is frozen. Set Trainable of a layer and compile again."
            );
        }
    }

    // A ReLU fuses into the convolution or dense op before it when nobody else sees the value between them.
    private static Dictionary<int, int> FindReluFusions(OpGraph graph, HashSet<int> targets)
    {
        Dictionary<int, int> fused = [];
        for (int slot = 0; slot < graph.Nodes.Count; slot++)
        {
            if (
                KernelFactory.CanFuseRelu(graph.Nodes[slot].Op)
                && !targets.Contains(slot)
                && graph.Readers[slot] is [int reader]
                && graph.Nodes[reader].Op is ActivationOp { Kind: ActivationKind.Relu }
            )
            {
                fused[slot] = reader;
            }
        }
        return fused;
    }

    // Only memory that the op before made anew, that this step alone reads, and that no backward reads again.
    private static bool MayOverwrite(
        OpGraph graph,
        List<PlanStep> steps,
        int index,
        HashSet<int> targets,
        bool training
    )
    {
        PlanStep step = steps[index];
        if (!step.Kernel.CanOverwrite || step.Inputs.Length == 0)
        {
            return false;
        }
        int slot = step.Inputs[0];
        PlanStep? maker = steps.FirstOrDefault(s => s.Slot == slot);
        bool keptForBackward =
            training
            && (
                (graph.NeedsGradient[slot] && maker is { Kernel.BackwardReadsOutput: true })
                || step.Kernel.BackwardReadsInput(0)
            );
        return maker is not null
            && MakesNewMemory(maker)
            && graph.Readers[slot].Count == 1
            && !targets.Contains(slot)
            && !keptForBackward;
    }

    private static bool MakesNewMemory(PlanStep step) =>
        step.Kernel.Node.Op switch
        {
            ConvolutionOp or LinearOp or MaxPoolOp or AveragePoolOp or BatchNormalizationOp => true,
            LocalResponseNormalizationOp or SoftmaxOp or AdaptiveAveragePoolOp => true,
            AddOp or MultiplyOp or ConcatOp => step.Inputs.Length > 1,
            _ => false,
        };

    private static void PlaceFrees(OpGraph graph, List<PlanStep> steps, HashSet<int> targets, bool training)
    {
        var lastForward = new int[graph.Nodes.Count];
        var firstBackward = new int[graph.Nodes.Count];
        Array.Fill(lastForward, -1);
        Array.Fill(firstBackward, int.MaxValue);
        for (int i = 0; i < steps.Count; i++)
        {
            PlanStep step = steps[i];
            lastForward[step.Slot] = Math.Max(lastForward[step.Slot], i);
            bool goesBack = training && graph.NeedsGradient[step.Slot];
            if (goesBack && step.Kernel.BackwardReadsOutput)
            {
                firstBackward[step.Slot] = Math.Min(firstBackward[step.Slot], i);
            }
            for (int k = 0; k < step.Inputs.Length; k++)
            {
                lastForward[step.Inputs[k]] = i;
                if (goesBack && step.Kernel.BackwardReadsInput(k))
                {
                    firstBackward[step.Inputs[k]] = Math.Min(firstBackward[step.Inputs[k]], i);
                }
            }
        }
        var free = Enumerable
            .Range(0, graph.Nodes.Count)
            .Where(s => !graph.IsLeaf(s) && lastForward[s] >= 0)
            .ToLookup(s => firstBackward[s] == int.MaxValue);
        foreach (IGrouping<int, int> group in free[true].Where(s => !targets.Contains(s)).GroupBy(s => lastForward[s]))
        {
            steps[group.Key].FreeAfterForward = [.. group];
        }
        // Backward runs from the last step to the first, so the first reader in order is the last to read.
        foreach (IGrouping<int, int> group in free[false].GroupBy(s => firstBackward[s]))
        {
            steps[group.Key].FreeAfterBackward = [.. group];
        }
    }

    private static void PlaceFinished(OpGraph graph, List<PlanStep> steps)
    {
        var firstReader = new Dictionary<int, int>();
        for (int i = 0; i < steps.Count; i++)
        {
            foreach (int slot in steps[i].Inputs.Where(s => graph.Nodes[s].Op is ParameterOp && graph.NeedsGradient[s]))
            {
                firstReader.TryAdd(slot, i);
            }
        }
        foreach (IGrouping<int, KeyValuePair<int, int>> group in firstReader.GroupBy(p => p.Value))
        {
            steps[group.Key].FinishedParameters = [.. group.Select(p => p.Key)];
        }
    }
}
