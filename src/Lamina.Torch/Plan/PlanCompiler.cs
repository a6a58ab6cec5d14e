using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>Decides, for each op of a graph, its kernel, fusion and overwriting.</summary>
internal static class PlanCompiler
{
    /// <param name="graph">The ops.</param>
    /// <param name="training"><see langword="true"/> if backward follows.</param>
    /// <param name="device">The device that will run it.</param>
    /// <param name="segments">The first steps of the segments, across whose borders nothing is overwritten.</param>
    /// <param name="precision">The precision of dense kernels for inference on a CPU.</param>
    /// <param name="compute">The precision of the computation.</param>
    public static PlanStep[] Compile(
        OpGraph graph,
        bool training,
        Device device,
        IReadOnlyList<int> segments,
        WeightPrecision precision = WeightPrecision.Float32,
        ComputePrecision compute = ComputePrecision.Float32
    )
    {
        KernelFactory kernels = Backends.For(device, compute);
        HashSet<int> targets = [.. graph.Targets];
        List<PlanStep> steps = [];
        HashSet<int> fused = [];
        Dictionary<int, Fusion> fusions = training ? [] : Fusion.Find(graph, kernels, fused);
        int index = 0;
        Dictionary<OpNode, int> indices = [];
        for (int slot = 0; slot < graph.Nodes.Count; slot++)
        {
            if (graph.IsLeaf(slot) || fused.Contains(slot))
            {
                continue;
            }
            // A step of several ops runs where the last of them would: all of its inputs exist by then.
            Fusion? fusion = fusions.GetValueOrDefault(slot);
            int first = fusion?.Slot ?? slot;
            int[] inputs = fusion?.Inputs ?? graph.InputsOf(slot);
            bool reshapesKernel = fusion is { ReshapesKernel: true };
            bool computesKernel =
                !reshapesKernel && graph.Nodes[first].Op is ConvolutionOp && !graph.HasWeightAsKernel(first);
            indices[graph.Nodes[first]] = index++;
            Kernel kernel = kernels.Create(
                graph.Nodes[first],
                new KernelRequest
                {
                    Device = device,
                    Index = RandomIndex(graph.Nodes[first], indices),
                    Inference = !training && !graph.IsTraining && !computesKernel,
                    Epilogue = fusion?.Epilogue == Epilogue.None ? null : fusion?.Epilogue,
                    Precision = precision,
                }
            );
            kernel =
                reshapesKernel ? new ReshapedKernelConvolution(kernel)
                : computesKernel ? new ComputedKernelConvolution(kernel)
                : kernel;
            steps.Add(
                new PlanStep
                {
                    Kernel = PublicLayoutKernel.Around(kernel, [.. inputs.Select(i => graph.IsKernel[i])]),
                    Slot = slot,
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
        else
        {
            Chains.Join(graph, kernels, steps);
        }
        DecideMemory(graph, steps, targets, training, segments);
        return [.. steps];
    }

    private static void DecideMemory(
        OpGraph graph,
        List<PlanStep> steps,
        HashSet<int> targets,
        bool training,
        IReadOnlyList<int> segments
    )
    {
        for (int i = 0; i < steps.Count; i++)
        {
            steps[i] = steps[i] with { Overwrites = MayOverwrite(graph, steps, i, targets, training, segments) };
        }
        PlaceFinished(graph, steps);
    }

    // A dropout that repeats another's mask draws it under that one's index.
    private static int RandomIndex(OpNode node, Dictionary<OpNode, int> indices) =>
        indices[node is { Op: DropoutOp, Inputs: [_, var like] } ? like.Producer : node];

    private static void RequireGradientPath(OpGraph graph)
    {
        if (!graph.Targets.Any(t => graph.NeedsGradient[t]))
        {
            throw new LaminaException(
                "Nothing can be trained: every weight of the model is frozen. Set Trainable of a layer and compile again."
            );
        }
    }

    // Only memory that the previous op allocated, that this step alone reads, and that no backward pass reads again.
    private static bool MayOverwrite(
        OpGraph graph,
        List<PlanStep> steps,
        int index,
        HashSet<int> targets,
        bool training,
        IReadOnlyList<int> segments
    )
    {
        PlanStep step = steps[index];
        if (!step.Kernel.CanOverwrite || step.Inputs.Length == 0)
        {
            return false;
        }
        int slot = step.Inputs[0];
        int making = steps.FindIndex(s => s.Slot == slot);
        PlanStep? maker = making >= 0 ? steps[making] : null;
        bool keptForBackward =
            training
            && (
                (graph.NeedsGradient[slot] && maker is { Kernel.BackwardReadsOutput: true })
                || (graph.NeedsGradient[step.Slot] && step.Kernel.BackwardReadsInput(0))
            );
        return maker is not null
            && MakesNewMemory(maker)
            && graph.Readers[slot].Count == 1
            && !targets.Contains(slot)
            && !keptForBackward
            // A segment's forward runs again from the values at its border, which must still exist.
            && !segments.Any(s => making < s && s <= index);
    }

    private static bool MakesNewMemory(PlanStep step) =>
        step.Kernel.Node.Op switch
        {
            ConvolutionOp or LinearOp or MaxPoolOp or AveragePoolOp or BatchNormalizationOp => true,
            LocalResponseNormalizationOp or SoftmaxOp or AdaptiveAveragePoolOp => true,
            AddOp or MultiplyOp or ConcatOp => step.Inputs.Length > 1,
            _ => false,
        };

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
