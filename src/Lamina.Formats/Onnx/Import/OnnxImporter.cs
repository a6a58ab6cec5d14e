using Onnx;

namespace Lamina;

/// <summary>Reads a file's graph, node by node, as layers.</summary>
internal sealed class OnnxImporter
{
    private const long LeastOperatorSet = 1;
    private const long GreatestOperatorSet = 23;

    // The memory of a node as a layer, and the number of nodes that need no weights in the file.
    private const long BytesANode = 4 << 10;
    private const long FreeNodes = (48L << 20) / BytesANode;

    // Several layers may each use the same small constant.
    private const long FreeWeights = 4 << 20;

    private readonly OnnxSource _source;
    private readonly GraphProto _graph;
    private readonly ImportContext _context;
    private readonly List<NodeProto> _needed;

    public OnnxImporter(OnnxSource source)
    {
        _source = source;
        _graph = source.Model.Graph ?? throw Error("contains no graph");
        _needed = Needed();
        RequireFewNodes();
        _context = new ImportContext(source, _needed)
        {
            OperatorSet = RequireOperatorSet(),
            WeightsLeft = FreeWeights,
            ReadNode = Read,
        };
    }

    private ModelFileException Error(string what) => new($"{_source.Path}: {what}.");

    /// <summary>Returns the model with its weights.</summary>
    public OnnxModel Import()
    {
        _context.AddInitializers(_graph);
        List<(Symbol Symbol, OnnxBinding Binding)> inputs = [.. AddInputs()];
        // Constants first, as they are weights of nodes that may precede them.
        foreach (NodeProto proto in _needed.OrderBy(n => n.OpType == "Constant" ? 0 : 1))
        {
            if (!_context.IsDone(proto))
            {
                Read(proto);
            }
        }
        List<(Symbol Symbol, OnnxBinding Binding)> outputs = [.. _graph.Output.Select(Output)];
        if (outputs.Count == 0)
        {
            throw Error("the graph has no output");
        }
        var model = Guard(
            () => _source.Path,
            () =>
                new Model(
                    [.. inputs.Select(i => i.Symbol)],
                    [.. outputs.Select(o => o.Symbol)],
                    _context.LayerName(_graph.Name.Length > 0 ? _graph.Name : "model")
                )
        );
        return new OnnxModel(
            model,
            OnnxMetadata.Read(_source.Model),
            [.. inputs.Select(i => i.Binding)],
            [.. outputs.Select(o => o.Binding)]
        );
    }

    private long RequireOperatorSet()
    {
        long version = 1;
        foreach (OperatorSetIdProto set in _source.Model.OpsetImport)
        {
            if (IsOnnx(set.Domain))
            {
                version = set.Version;
            }
        }
        return version is >= LeastOperatorSet and <= GreatestOperatorSet
            ? version
            : throw Error(
                $"has opset {version}, but Lamina reads {LeastOperatorSet} to {GreatestOperatorSet}. Export the model with opset 17"
            );
    }

    private static bool IsOnnx(string domain) => domain is "" or "ai.onnx";

    // A node of twenty bytes becomes a layer of kilobytes, and networks have weights.
    private void RequireFewNodes()
    {
        long most = FreeNodes + (_source.Length / BytesANode);
        long count = _needed.Sum(BranchImport.Count);
        if (count > most)
        {
            throw Error($"has {count} nodes, but a file of {_source.Length} bytes may have at most {most}");
        }
    }

    /// <summary>Returns the nodes that the outputs depend on, in the order of the file.</summary>
    private List<NodeProto> Needed()
    {
        var needed = new HashSet<string>(_graph.Output.Select(o => o.Name), StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        // A node follows those that it reads, so one pass from the end finds them all; violations are errors when they
        // are read.
        for (int i = _graph.Node.Count - 1; i >= 0; i--)
        {
            if (_graph.Node[i].Output.Any(o => o.Length > 0 && needed.Contains(o)))
            {
                needed.UnionWith(BranchImport.Reads(_graph.Node[i]));
                kept.Add(_graph.Node[i]);
            }
        }
        kept.Reverse();
        return kept;
    }

    private IEnumerable<(Symbol, OnnxBinding)> AddInputs()
    {
        foreach (ValueInfoProto input in _graph.Input)
        {
            // Old files list their weights among the inputs, too.
            if (_context.Find(input.Name) is null && _context.IsUsed(input.Name))
            {
                yield return AddInput(input);
            }
        }
    }

    private (Symbol, OnnxBinding) AddInput(ValueInfoProto input)
    {
        string label = $"input {Quoted.Name(input.Name)}";
        if (input.Type?.TensorType is not { } type || type.ElemType != (int)TensorProto.Types.DataType.Float)
        {
            throw Error($"{label} is not a tensor of float32, the only type that Lamina supports");
        }
        if (type.Shape is not { Dim.Count: >= 2 } shape)
        {
            throw Error($"{label} does not have a shape of a batch and at least one more dimension");
        }
        var sample = new int[shape.Dim.Count - 1];
        for (int i = 0; i < sample.Length; i++)
        {
            long size = shape.Dim[i + 1].HasDimValue ? shape.Dim[i + 1].DimValue : 0;
            sample[i] = size is >= 1 and <= int.MaxValue
                ? (int)size
                : throw Error(
                    $"{label}: dimension {i + 1} is {(size == 0 ? "unknown" : size)}, but only the batch may be. Set it when exporting"
                );
        }
        if (shape.Dim[0].HasDimValue && shape.Dim[0].DimValue > 0)
        {
            if (_context.FixedBatch is { } batch && batch != shape.Dim[0].DimValue)
            {
                throw Error($"{label} has a batch of {shape.Dim[0].DimValue}, but an earlier input has {batch}");
            }
            _context.FixedBatch = shape.Dim[0].DimValue;
        }
        bool isImages = sample.Length == 3 && !IsChannelsLast(input.Name, shape);
        int[] lamina = isImages ? [sample[1], sample[2], sample[0]] : sample;
        Symbol symbol = Guard(
            () => $"{_source.Path}: {label}",
            () => new InputLayer(Shape.Of(lamina), name: _context.LayerName(input.Name)).Output
        );
        _context.Set(input.Name, ImportedValue.Of(symbol, isImages ? [0, 3, 1, 2] : null));
        return (symbol, new OnnxBinding(input.Name, isImages ? OnnxLayout.Nchw : OnnxLayout.Nhwc));
    }

    // An input whose last dimension the file declares as channels, or that is first transposed to (N, C, H, W).
    private bool IsChannelsLast(string input, TensorShapeProto shape)
    {
        string[] denotations = [.. shape.Dim.Select(d => d.Denotation)];
        if (Array.IndexOf(denotations, OnnxExporter.ChannelDenotation) is >= 1 and var channel)
        {
            return channel == 3;
        }
        IReadOnlyList<NodeProto> readers = _context.Readers(input);
        return readers.Count > 0
            && readers.All(n =>
                n.OpType == "Transpose"
                && n.Attribute.FirstOrDefault(a => a.Name == "perm")?.Ints is { Count: 4 } perm
                && perm.SequenceEqual([0L, 3L, 1L, 2L])
            );
    }

    private (Symbol, OnnxBinding) Output(ValueInfoProto output)
    {
        if (_context.Find(output.Name) is not { } value)
        {
            throw Error($"output {Quoted.Name(output.Name)} is not computed by any node");
        }
        if (!value.HasSymbol)
        {
            throw Error($"output {Quoted.Name(output.Name)} is a constant, a shape or part of a normalization");
        }
        if (value.IsImages)
        {
            return (value.Symbol, new OnnxBinding(output.Name, OnnxLayout.Nchw));
        }
        var node = new ImportedNode(new NodeProto { Name = output.Name, OpType = "output" }, _context);
        return (_context.Plain(value, node), new OnnxBinding(output.Name, OnnxLayout.Nhwc));
    }

    private void Read(NodeProto proto)
    {
        var node = new ImportedNode(proto, _context);
        Func<string> where = () => $"{_source.Path}: {node}";
        if (IsOnnx(proto.Domain) && Guard(where, () => IsSpecial(node)))
        {
            return;
        }
        if (
            !IsOnnx(proto.Domain)
            || !OnnxOperators.All.TryGetValue(proto.OpType, out Action<ImportedNode, ImportContext>? read)
        )
        {
            string domain = IsOnnx(proto.Domain) ? "" : $"{Quoted.Line(proto.Domain, 60)}.";
            string known =
                IsOnnx(proto.Domain) && ConstantFolding.Names.Contains(proto.OpType) ? " of computed values" : "";
            throw Error(
                $"{node} is an operator {domain}{Quoted.Line(proto.OpType, 60)}{known}, which Lamina does not support. It supports {string.Join(", ", OnnxOperators.Names)}; of constants and shapes also {string.Join(", ", ConstantFolding.Names)}"
            );
        }
        Guard(
            where,
            () =>
            {
                read(node, _context);
                node.RequireAllRead();
                return 0;
            }
        );
    }

    // Constants, and parts of a normalization, do not become layers.
    private bool IsSpecial(ImportedNode node)
    {
        if (!ConstantFolding.TryRead(node, _context) && !LocalResponsePattern.TryRead(node, _context))
        {
            return false;
        }
        node.RequireAllRead();
        return true;
    }

    // Any exception that a malicious graph causes in a layer's constructor or shape arithmetic is an error of the file.
    private static T Guard<T>(Func<string> where, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ModelFileException)
        {
            throw;
        }
        catch (OverflowException e)
        {
            throw new ModelFileException($"{where()}: its sizes are too large.", e);
        }
        catch (Exception e)
            when (e is LaminaException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new ModelFileException($"{where()}: {Quoted.Line(LayerRegistry.OneLine(e))}", e);
        }
    }
}
