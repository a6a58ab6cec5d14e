using Lamina.Quantization.Steps;
using Lamina.Torch;
using Lamina.Torch.Cpu;

namespace Lamina.Quantization;

/// <summary>
/// A model as steps on bytes: the quantized ops, the conversions between float32 and bytes, and the folding. It depends
/// only on the model's graph, so that a file needs to contain only numbers.
/// </summary>
internal sealed class IntegerGraph : IDisposable
{
    private readonly List<IntegerStep> _steps = [];
    private readonly List<IntegerValue> _values = [];
    private readonly IntegerValue?[] _primary;
    private readonly Dictionary<int, IntegerValue> _floats = [];
    private readonly Dictionary<(int Slot, Pads2 Pads), IntegerValue> _padded = [];
    private readonly Dictionary<Weight, StepParameter> _weights = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly IntegerAnalysis _analysis;

    /// <summary>Determines the steps of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="floatLayers">The names of layers that stay float32.</param>
    public IntegerGraph(Model model, IReadOnlySet<string> floatLayers)
    {
        Graph = new OpGraph(model.Inputs, model.Outputs, training: false);
        _analysis = new IntegerAnalysis(Graph, floatLayers);
        _primary = new IntegerValue?[Graph.Nodes.Count];
        foreach (int slot in Graph.Inputs)
        {
            _primary[slot] = NewFloat(slot);
        }
        for (int slot = 0; slot < Graph.Nodes.Count; slot++)
        {
            if (!Graph.IsLeaf(slot) && !_analysis.IsInsideChain(slot))
            {
                Build(slot);
            }
        }
        Inputs = [.. Graph.Inputs.Select(s => _primary[s]!)];
        Outputs = [.. Graph.Targets.Select(Floats)];
        Logits = [.. Graph.Targets.Select(LogitsOf)];
        PlaceFrees();
    }

    /// <summary>The ops.</summary>
    public OpGraph Graph { get; }

    /// <summary>The steps in order.</summary>
    public IReadOnlyList<IntegerStep> Steps => _steps;

    /// <summary>The number of values.</summary>
    public int ValueCount => _values.Count;

    /// <summary>The inputs, float32.</summary>
    public IReadOnlyList<IntegerValue> Inputs { get; }

    /// <summary>The outputs, float32.</summary>
    public IReadOnlyList<IntegerValue> Outputs { get; }

    /// <summary>The input of the softmax that ends each output, or the output if there is none, float32.</summary>
    public IReadOnlyList<IntegerValue> Logits { get; }

    /// <summary>The parameters of all steps.</summary>
    public IEnumerable<StepParameter> Parameters => _steps.SelectMany(s => s.Parameters).Distinct();

    /// <summary>The layers that are computed in bytes, in order.</summary>
    public IReadOnlyList<string> IntegerLayers => _analysis.IntegerLayers;

    private void Build(int slot)
    {
        OpNode node = Graph.Nodes[slot];
        if (_analysis.ChainAt(slot) is { } chain)
        {
            BuildProduct(slot, chain);
            return;
        }
        int[] inputs = DataInputs(slot);
        if (_analysis.IsIdentity(slot))
        {
            _primary[slot] = _primary[inputs[0]];
            return;
        }
        if (_analysis.WantsBytes(slot) && BuildOnBytes(slot, node, inputs))
        {
            return;
        }
        IntegerValue output = NewFloat(slot);
        Add(slot, new KernelStep([.. inputs.Select(Floats)], output, CpuKernels.Instance.Create(node), ParameterOf));
    }

    private bool BuildOnBytes(int slot, OpNode node, int[] inputs)
    {
        switch (node.Op)
        {
            case MaxPoolOp:
            {
                IntegerValue x = Bytes(inputs[0]);
                Add(slot, new MaxPoolStep(x, New(slot, x.Kind, x.PerChannel), Name(node, "pool"), node));
                return true;
            }
            // In float32 if its input is: a second rounding before it would be useless.
            case BatchNormalizationOp when _primary[inputs[0]]!.IsBytes:
            {
                IntegerValue x = Bytes(inputs[0]);
                Add(slot, new BatchNormalizationStep(x, New(slot, CodeKind.Affine, perChannel: true), node));
                return true;
            }
            case ReshapeOp or SliceOp or ConcatOp:
            {
                IntegerValue[] x = [.. inputs.Select(i => Movable(i, node))];
                bool alike = x.Length == 1 && x[0].IsUniform;
                CodeKind kind = alike || x.All(i => i.Kind is CodeKind.ZeroBased) ? x[0].Kind : CodeKind.Affine;
                IntegerValue output = New(slot, kind, perChannel: !alike);
                Add(slot, new KernelStep(x, output, CpuKernels.Instance.Create(node), ParameterOf));
                return true;
            }
            default:
                return false;
        }
    }

    private void BuildProduct(int slot, ProductChain chain)
    {
        OpNode node = chain.Node;
        int input = Graph.InputsOf(slot)[0];
        bool bytes = _analysis.WantsBytes(chain.Slot);
        IntegerValue output = !bytes
            ? NewFloat(chain.Slot)
            : New(
                chain.Slot,
                chain.HasRelu ? CodeKind.ZeroBased : CodeKind.Shifted,
                chain.HasRelu && _analysis.FeedsNormalizationsOnly(chain.Slot)
            );
        if (node.Op is ConvolutionOp op)
        {
            (IntegerValue x, Pads2 left) = op.Pads == Pads2.None ? (Bytes(input), op.Pads) : Padded(input, op.Pads);
            Add(chain.Slot, new ConvolutionStep(x, output, Name(node), chain, left));
        }
        else
        {
            Add(chain.Slot, new LinearStep(Bytes(input), output, Name(node), chain));
        }
    }

    /// <summary>Returns a slot as bytes of any code.</summary>
    private IntegerValue Bytes(int slot) => _primary[slot]!.IsBytes ? _primary[slot]! : Quantized(slot, Pads2.None);

    /// <summary>
    /// Returns a slot as bytes with this padding, or the bytes and the padding if the convolution can pad them itself.
    /// </summary>
    private (IntegerValue Value, Pads2 Left) Padded(int slot, Pads2 pads)
    {
        IntegerValue primary = _primary[slot]!;
        if (!primary.IsBytes)
        {
            return (Quantized(slot, pads), Pads2.None);
        }
        if (primary.Kind is CodeKind.ZeroBased && pads.IsSymmetric)
        {
            return (primary, pads);
        }
        if (!_padded.TryGetValue((slot, pads), out IntegerValue? padded))
        {
            OpNode node = Graph.Nodes[slot];
            if (primary.Kind is CodeKind.Affine)
            {
                padded = New(slot, CodeKind.Shifted, perChannel: false);
                AddStep(new RemapStep(primary, padded, Name(node, "remap"), pads));
            }
            else
            {
                padded = New(slot, primary.Kind, primary.PerChannel);
                AddStep(new PadBytesStep(primary, padded, Name(node, "pad"), pads));
            }
            _padded[(slot, pads)] = padded;
        }
        return (padded, Pads2.None);
    }

    /// <summary>Returns bytes that a reshape may move: if that mixes channels, all channels have one code.</summary>
    private IntegerValue Movable(int slot, OpNode mover)
    {
        IntegerValue x = Bytes(slot);
        bool keepsChannels = mover.Op switch
        {
            ReshapeOp => mover.Shape[^1]!.Value % x.Channels == 0,
            _ => true,
        };
        if (x.IsUniform || keepsChannels)
        {
            return x;
        }
        if (!_padded.TryGetValue((slot, Pads2.None), out IntegerValue? uniform))
        {
            uniform = New(slot, CodeKind.Shifted, perChannel: false);
            AddStep(new RemapStep(x, uniform, Name(Graph.Nodes[slot], "remap"), Pads2.None));
            _padded[(slot, Pads2.None)] = uniform;
        }
        return uniform;
    }

    private IntegerValue Quantized(int slot, Pads2 pads)
    {
        if (!_padded.TryGetValue((slot, pads), out IntegerValue? bytes))
        {
            bytes = New(slot, CodeKind.Shifted, perChannel: false);
            AddStep(new QuantizeStep(_primary[slot]!, bytes, Name(Graph.Nodes[slot], "code"), pads));
            _padded[(slot, pads)] = bytes;
        }
        return bytes;
    }

    /// <summary>Returns a slot as float32.</summary>
    private IntegerValue Floats(int slot)
    {
        IntegerValue primary = _primary[slot]!;
        if (!primary.IsBytes)
        {
            return primary;
        }
        if (!_floats.TryGetValue(slot, out IntegerValue? floats))
        {
            floats = NewFloat(slot);
            AddStep(new DequantizeStep(primary, floats, Name(Graph.Nodes[slot], "float")));
            _floats[slot] = floats;
        }
        return floats;
    }

    // A softmax reads float32, so its input is available without another step.
    private IntegerValue LogitsOf(int target) =>
        Floats(Graph.Nodes[target].Op is SoftmaxOp ? Graph.InputsOf(target)[0] : target);

    private int[] DataInputs(int slot) => [.. Graph.InputsOf(slot).Where(i => Graph.Nodes[i].Op is not ParameterOp)];

    private void Add(int slot, IntegerStep step)
    {
        _primary[slot] = step.Output;
        AddStep(step);
    }

    private void AddStep(IntegerStep step) => _steps.Add(step);

    private IntegerValue NewFloat(int slot) => New(slot, CodeKind.Float, perChannel: false);

    private IntegerValue New(int slot, CodeKind kind, bool perChannel)
    {
        Shape shape = Graph.Nodes[slot].Shape;
        var value = new IntegerValue(_values.Count, slot, shape.Rank == 0 ? 1 : shape[^1] ?? 1, kind, perChannel);
        _values.Add(value);
        return value;
    }

    private StepParameter ParameterOf(Weight weight)
    {
        if (!_weights.TryGetValue(weight, out StepParameter? parameter))
        {
            parameter = new StepParameter(Unique(weight.Path), ParameterKind.Finite, weight.Shape);
            _weights[weight] = parameter;
        }
        return parameter;
    }

    private string Name(OpNode node, string? part = null)
    {
        string layer = node.Layer?.Name ?? (node.Op as InputOp)?.Name ?? "input";
        return Unique(part is null ? layer : $"{layer}/{part}");
    }

    // A layer that is applied twice has two steps.
    private string Unique(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(unique); i++)
        {
            unique = FormattableString.Invariant($"{name}#{i}");
        }
        return unique;
    }

    private void PlaceFrees()
    {
        var last = new int[_values.Count];
        Array.Fill(last, -1);
        for (int i = 0; i < _steps.Count; i++)
        {
            last[_steps[i].Output.Id] = i;
            foreach (IntegerValue input in _steps[i].Inputs)
            {
                last[input.Id] = i;
            }
        }
        HashSet<int> kept = [.. Inputs.Select(v => v.Id), .. Outputs.Select(v => v.Id), .. Logits.Select(v => v.Id)];
        foreach (
            IGrouping<int, int> group in Enumerable
                .Range(0, last.Length)
                .Where(v => last[v] >= 0 && !kept.Contains(v))
                .GroupBy(v => last[v])
        )
        {
            _steps[group.Key].FreeAfter = [.. group];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _steps.ForEach(s => s.Dispose());
}
