namespace Lamina;

/// <summary>The state that the export of an op needs: its inputs in the required order, weights, names.</summary>
internal sealed class ExportContext(Model model, OnnxExportOptions options)
{
    private readonly Dictionary<OpNode, ExportedTensor> _tensors = [];
    private readonly Dictionary<Weight, string> _weightNames = WeightKeys
        .Of(model)
        .ToDictionary(w => w.Weight, w => w.Key);
    private readonly Dictionary<(Weight, string), string> _weights = [];
    private readonly HashSet<OpNode> _named = [];
    private readonly Dictionary<Layer, string> _layerPaths = LayerPaths(model);

    public OnnxGraph Graph { get; } = new();

    public OnnxExportOptions Options { get; } = options;

    /// <summary>The readers of each op's result; a model's output has the reader <see langword="null"/>.</summary>
    public Dictionary<OpNode, List<OpNode?>> Readers { get; } = [];

    public ExportedTensor this[OpNode node]
    {
        get => _tensors[node];
        set => _tensors[node] = value;
    }

    public bool IsDone(OpNode node) => _tensors.ContainsKey(node);

    /// <summary>Returns the tensor that an op reads.</summary>
    public ExportedTensor Tensor(OpNode node, int input)
    {
        OpNode producer = node.Inputs[input].Producer;
        if (producer.Op is ParameterOp { Weight: { } weight } && !IsDone(producer))
        {
            var tensor = new ExportedTensor(weight.Shape);
            tensor[AxisOrder.Last] = Values(weight, "", weight.Shape.ToArray(), weight.CopyTo);
            _tensors[producer] = tensor;
        }
        return _tensors[producer];
    }

    /// <summary>Returns the name of an op's input in this order, adding a Transpose if necessary.</summary>
    public string Input(OpNode node, int input, AxisOrder order) => Name(Tensor(node, input), order);

    /// <summary>Returns the name of a tensor in this order.</summary>
    public string Name(ExportedTensor tensor, AxisOrder order)
    {
        if (tensor[order] is { } name)
        {
            return name;
        }
        if (tensor.FlatOf is { } image)
        {
            string source = Name(image, order);
            return tensor[order] = Graph.Add(
                "Flatten",
                $"{source}/flat",
                $"{source}/flat",
                [source],
                OnnxGraph.Int("axis", 1)
            );
        }
        int[] first = ExportedTensor.FirstOrder(tensor.Shape.Rank);
        int[] permutation =
            order == AxisOrder.First
                ? first
                : [.. Enumerable.Range(0, first.Length).Select(a => Array.IndexOf(first, a))];
        string made = tensor[tensor.Made]!;
        return tensor[order] = Graph.Transpose(
            made,
            order == AxisOrder.First ? "channels_first" : "channels_last",
            permutation
        );
    }

    /// <summary>Adds the node that computes an op, and its result.</summary>
    /// <param name="node">The op.</param>
    /// <param name="order">The result's order.</param>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">The values read.</param>
    /// <param name="attributes">The attributes.</param>
    public void Result(
        OpNode node,
        AxisOrder order,
        string operation,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<Onnx.AttributeProto> attributes
    ) => Result(node, order, Graph.Add(operation, NodeName(node, operation), ValueName(node), inputs, attributes));

    /// <summary>Declares a value to be an op's result.</summary>
    public void Result(OpNode node, AxisOrder order, string value)
    {
        // An elementwise op keeps the order of a flattened image.
        ExportedTensor? flat = order == AxisOrder.First && node.Shape.Rank == 2 ? Tensor(node, 0).FlatOf : null;
        var tensor = new ExportedTensor(node.Shape) { FlatOf = flat is null ? null : new ExportedTensor(flat.Shape) };
        if (tensor.FlatOf is { } image)
        {
            // The image of an op's result does not exist, so a reader of the other order first reshapes to it.
            long[] dims =
            [
                0,
                .. ExportedTensor.FirstOrder(image.Shape.Rank).Skip(1).Select(a => (long)image.Shape[a]!.Value),
            ];
            image[AxisOrder.First] = Graph.Add(
                "Reshape",
                $"{value}/image",
                $"{value}/image",
                [value, Graph.Whole($"{value}/image_shape", dims)]
            );
        }
        tensor[order] = value;
        this[node] = tensor;
    }

    /// <summary>Adds an intermediate node of an op and returns the name of its value.</summary>
    public string Step(
        OpNode node,
        string operation,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<Onnx.AttributeProto> attributes
    ) =>
        Graph.Add(
            operation,
            NodeName(node, operation),
            $"{LayerPath(node)}/{operation.ToLowerInvariant()}",
            inputs,
            attributes
        );

    /// <summary>Adds a Gemm and returns the name of its value.</summary>
    public string Gemm(OpNode node, ReadOnlySpan<string> inputs) =>
        Graph.Add("Gemm", NodeName(node, "Gemm"), ValueName(node), inputs);

    /// <summary>Adds a constant of an op, named after its layer.</summary>
    public string Constant(OpNode node, string name, float[] values, params ReadOnlySpan<int> dims) =>
        Graph.Constant($"{LayerPath(node)}/{name}", values, dims);

    /// <summary>Adds integers of an op, named after its layer.</summary>
    public string Whole(OpNode node, string name, params ReadOnlySpan<long> values) =>
        Graph.Whole($"{LayerPath(node)}/{name}", values);

    /// <summary>Adds a weight in some arrangement, once for all ops that share it.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="arrangement">The name of the arrangement of its values; empty for the weight's own.</param>
    /// <param name="dims">The dimensions in the file.</param>
    /// <param name="fill">Writes the values.</param>
    public string Values(Weight weight, string arrangement, ReadOnlySpan<int> dims, Action<Span<float>> fill)
    {
        if (!_weights.TryGetValue((weight, arrangement), out string? name))
        {
            name = Graph.Constant(_weightNames.GetValueOrDefault(weight) ?? weight.Path, dims, fill);
            _weights.Add((weight, arrangement), name);
        }
        return name;
    }

    /// <summary>Adds a weight in its own arrangement.</summary>
    public string Values(Weight weight) => Values(weight, "", weight.Shape.ToArray(), weight.CopyTo);

    /// <summary>
    /// Returns the only op that reads this op's result; <see langword="null"/> if there are several or it is an output.
    /// </summary>
    public OpNode? OnlyReader(OpNode node) => Readers.GetValueOrDefault(node) is [{ } reader] ? reader : null;

    /// <summary>Returns the layer's name, with those of the models that it is nested in.</summary>
    public string LayerPath(OpNode node) =>
        node.Layer is { } layer ? _layerPaths.GetValueOrDefault(layer) ?? layer.Name : node.Op.Name;

    /// <summary>Returns the path of a layer.</summary>
    public string LayerPath(Layer layer) => _layerPaths.GetValueOrDefault(layer) ?? layer.Name;

    /// <summary>
    /// Returns the name of an op's node: the first of a layer has the layer's name, the following ones also the
    /// operator's.
    /// </summary>
    public string NodeName(OpNode node, string operation)
    {
        bool isFirst =
            node.Layer is null || node.Inputs.All(i => i.Producer.Op is ParameterOp || i.Producer.Layer != node.Layer);
        return isFirst && _named.Add(node) ? LayerPath(node) : $"{LayerPath(node)}/{operation.ToLowerInvariant()}";
    }

    /// <summary>Returns the name of an op's value: the value that a layer returns has the layer's name.</summary>
    public string ValueName(OpNode node)
    {
        bool isLast =
            node.Output.Node is not null
            || !Readers.GetValueOrDefault(node, []).Any(r => r is not null && r.Layer == node.Layer);
        return isLast ? LayerPath(node) : $"{LayerPath(node)}/{node.Op.Name}";
    }

    private static Dictionary<Layer, string> LayerPaths(Model model)
    {
        Dictionary<Layer, string> paths = [];
        Collect(model, "");
        return paths;

        void Collect(Model parent, string prefix)
        {
            foreach (Layer layer in parent.Layers)
            {
                if (paths.TryAdd(layer, prefix + layer.Name) && layer is Model nested)
                {
                    Collect(nested, $"{prefix}{layer.Name}/");
                }
            }
        }
    }
}
