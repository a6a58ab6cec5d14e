using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>An op of a graph, and the ops after it that its kernel computes in the same step.</summary>
/// <param name="Slot">The slot of the op.</param>
/// <param name="Last">The slot of the last op, whose value the step computes.</param>
/// <param name="Epilogue">The ops after the first.</param>
/// <param name="Inputs">The slots that the step reads.</param>
internal sealed record Fusion(int Slot, int Last, Epilogue Epilogue, int[] Inputs)
{
    /// <summary>
    /// <see langword="true"/> if the step reads a weight in whose place its op has a reshaped one, as depthwise
    /// convolutions have.
    /// </summary>
    public bool ReshapesKernel { get; init; }

    private bool HasConstantKernel { get; init; }

    /// <summary>Finds the fusions of a graph that runs forward only; the key is <see cref="Last"/>.</summary>
    /// <param name="graph">The ops.</param>
    /// <param name="kernels">The backend.</param>
    /// <param name="fused">Receives the slots whose values are not computed, because a step computes on.</param>
    public static Dictionary<int, Fusion> Find(OpGraph graph, KernelFactory kernels, HashSet<int> fused)
    {
        HashSet<int> targets = [.. graph.Targets];
        Dictionary<int, Fusion> fusions = [];
        HashSet<int> taken = [];
        for (int slot = 0; slot < graph.Nodes.Count; slot++)
        {
            if (graph.Nodes[slot].Op is not (ConvolutionOp or LinearOp))
            {
                continue;
            }
            Fusion fusion = Begin(graph, slot, kernels.KeepsPackedKernels, targets, fused);
            while (
                !targets.Contains(fusion.Last) && fusion.Next(graph, kernels) is { } longer && taken.Add(longer.Last)
            )
            {
                fused.Add(fusion.Last);
                fusion = longer;
            }
            if (fusion.Last != slot || fusion.ReshapesKernel)
            {
                fusions.Add(fusion.Last, fusion);
            }
        }
        return fusions;
    }

    private static Fusion Begin(OpGraph graph, int slot, bool packs, HashSet<int> targets, HashSet<int> fused)
    {
        int[] inputs = graph.InputsOf(slot);
        var plain = new Fusion(slot, slot, Epilogue.None, inputs)
        {
            HasConstantKernel = graph.Nodes[slot].Op is LinearOp || graph.HasWeightAsKernel(slot),
        };
        bool isView =
            packs
            && !graph.IsTraining
            && !plain.HasConstantKernel
            && graph.Nodes[inputs[1]].Op is ReshapeOp
            && graph.Readers[inputs[1]].Count == 1
            && !targets.Contains(inputs[1])
            && graph.Nodes[graph.InputsOf(inputs[1])[0]].Op is ParameterOp;
        if (!isView)
        {
            return plain;
        }
        fused.Add(inputs[1]);
        inputs[1] = graph.InputsOf(inputs[1])[0];
        return plain with { HasConstantKernel = true, ReshapesKernel = true };
    }

    // The only reader of the value so far, if it can be computed in the same step.
    private Fusion? Next(OpGraph graph, KernelFactory kernels)
    {
        if (graph.Readers[Last] is not [int reader])
        {
            return null;
        }
        OpNode node = graph.Nodes[reader];
        // A ReLU behaves the same in training, batch normalization does not.
        bool allowed =
            (!graph.IsTraining && HasConstantKernel)
            || (node.Op is ActivationOp { Kind: ActivationKind.Relu } && Epilogue == Epilogue.None);
        if (!allowed || Epilogue.With(node.Op) is not { } epilogue || !kernels.CanFuse(graph.Nodes[Slot], epilogue))
        {
            return null;
        }
        int[] others = [.. graph.InputsOf(reader).Where(s => s != Last)];
        bool fits = node.Op switch
        {
            AddOp => others.Length == 1
                && graph.Nodes[others[0]].Shape == node.Shape
                && node.Shape == graph.Nodes[Slot].Shape,
            BatchNormalizationOp => graph.InputsOf(reader)[0] == Last
                && others.All(s => graph.Nodes[s].Op is ParameterOp),
            _ => others.Length == 0,
        };
        return fits ? this with { Last = reader, Epilogue = epilogue, Inputs = [.. Inputs, .. others] } : null;
    }
}
