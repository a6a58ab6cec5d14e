namespace Lamina.Torch;

/// <summary>The ops that some symbols depend on, in an executable order, with the readers of each value.</summary>
internal sealed class OpGraph
{
    private readonly Dictionary<OpNode, int> _slots = [];
    private readonly List<OpNode> _nodes = [];
    private readonly StableForms _forms;
    private readonly int _phase;

    /// <summary>Collects the ops.</summary>
    /// <param name="inputs">The symbols that will be fed.</param>
    /// <param name="targets">The symbols to compute.</param>
    /// <param name="training">
    /// <see langword="true"/> for the ops of training where they differ from those of inference.
    /// </param>
    /// <param name="sources">
    /// The symbols whose gradients are wanted, any of those that the targets depend on; <see langword="null"/> for the
    /// trained weights.
    /// </param>
    public OpGraph(
        IReadOnlyList<Symbol> inputs,
        IReadOnlyList<Symbol> targets,
        bool training,
        IReadOnlyList<Symbol>? sources = null
    )
    {
        RequireKnownSizes(inputs);
        _phase = training ? PhaseOp.Training : PhaseOp.Inference;
        HashSet<OpNode> wanted = [.. (sources ?? []).Select(s => s.Producer)];
        _forms = new StableForms(wanted);
        foreach (Symbol input in inputs)
        {
            Add(input.Producer);
        }
        Inputs = [.. inputs.Select(i => _slots[i.Producer])];
        foreach (Symbol target in targets)
        {
            Collect(target.Producer);
        }
        Targets = [.. targets.Select(t => _slots[t.Producer])];
        Sources = [.. wanted.Where(_slots.ContainsKey).Select(n => _slots[n])];
        Readers = [.. _nodes.Select(_ => new List<int>())];
        for (int slot = 0; slot < _nodes.Count; slot++)
        {
            foreach (int input in InputsOf(slot))
            {
                Readers[input].Add(slot);
            }
        }
        NeedsGradient = new bool[_nodes.Count];
        IsKernel = new bool[_nodes.Count];
        for (int slot = 0; slot < _nodes.Count; slot++)
        {
            NeedsGradient[slot] = sources is null
                ? _nodes[slot].Op is ParameterOp { Weight.IsTrained: true }
                : Array.IndexOf(Sources, slot) >= 0;
            foreach (int input in _nodes[slot].Op.IsDifferentiable ? InputsOf(slot) : [])
            {
                NeedsGradient[slot] |= NeedsGradient[input];
            }
            if (HasWeightAsKernel(slot))
            {
                IsKernel[InputsOf(slot)[1]] = true;
            }
        }
    }

    /// <summary>Throws if a sample of an input has an unknown size.</summary>
    /// <exception cref="LaminaException">It has.</exception>
    public static void RequireKnownSizes(IReadOnlyList<Symbol> inputs)
    {
        if (inputs.FirstOrDefault(i => i.Shape.HasUnknownSample) is { Layer: { } open } any)
        {
            throw new LaminaException(
                $"{open}: its sizes are unknown, {any.Shape}. Call ForInput of the model with a shape; the result shares the weights."
            );
        }
    }

    /// <summary>The op nodes; a node's index is its slot.</summary>
    public IReadOnlyList<OpNode> Nodes => _nodes;

    /// <summary><see langword="true"/> if ops behave as in training.</summary>
    public bool IsTraining => _phase == PhaseOp.Training;

    /// <summary>The slots that are fed.</summary>
    public int[] Inputs { get; }

    /// <summary>The slots of the results.</summary>
    public int[] Targets { get; }

    /// <summary>The results that backward starts from, by their indices in <see cref="Targets"/>. Default: all.</summary>
    public Range Seeds { get; init; } = Range.All;

    /// <summary>The slots whose gradients are wanted; empty if they are those of the trained weights.</summary>
    public int[] Sources { get; }

    /// <summary>The readers of each slot, one entry per read.</summary>
    public IReadOnlyList<List<int>> Readers { get; }

    /// <summary>The flags of slots that depend on a trained weight, or on one of <see cref="Sources"/>.</summary>
    public bool[] NeedsGradient { get; }

    /// <summary>The flags of slots that are weights which convolutions read as their kernel.</summary>
    public bool[] IsKernel { get; }

    /// <summary>Returns <see langword="true"/> for a convolution whose kernel is a weight, not a result of other ops.</summary>
    public bool HasWeightAsKernel(int slot) =>
        _nodes[slot].Op is ConvolutionOp && _nodes[slot].Inputs[1].Producer.Op is ParameterOp;

    /// <summary>Returns <see langword="true"/> if the graph computes an op node.</summary>
    public bool Contains(OpNode node) => _slots.ContainsKey(node);

    /// <summary>Returns the slot of an op node of the graph.</summary>
    public int SlotOf(OpNode node) => _slots[node];

    /// <summary>Returns the slots that an op reads.</summary>
    public int[] InputsOf(int slot) => [.. _nodes[slot].Inputs.Select(i => _slots[i.Producer])];

    /// <summary>Returns <see langword="true"/> if a slot is an input or a weight.</summary>
    public bool IsLeaf(int slot) => _nodes[slot].Op is InputOp or ParameterOp;

    private void Add(OpNode node)
    {
        _slots[node] = _nodes.Count;
        _nodes.Add(node);
    }

    private void Collect(OpNode target)
    {
        Stack<(OpNode Node, int Next)> open = new();
        open.Push((target, 0));
        while (open.TryPop(out (OpNode Node, int Next) top))
        {
            if (_slots.ContainsKey(top.Node))
            {
                continue;
            }
            if (top.Node.Op is PhaseOp)
            {
                OpNode chosen = top.Node.Inputs[_phase].Producer;
                if (_slots.TryGetValue(chosen, out int slot))
                {
                    _slots[top.Node] = slot;
                    continue;
                }
                open.Push(top);
                open.Push((chosen, 0));
                continue;
            }
            OpNode made = _forms.Of(top.Node);
            if (top.Next == made.Inputs.Count)
            {
                _slots[top.Node] = _nodes.Count;
                _nodes.Add(made);
                continue;
            }
            open.Push((top.Node, top.Next + 1));
            open.Push((made.Inputs[top.Next].Producer, 0));
        }
    }
}
