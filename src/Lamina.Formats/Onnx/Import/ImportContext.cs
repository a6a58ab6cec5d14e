using Onnx;

namespace Lamina;

/// <summary>
/// The state that the import of a node needs: the values before it, layers' names, and orders of dimensions.
/// </summary>
internal sealed class ImportContext
{
    private readonly OnnxSource _source;
    private readonly Dictionary<string, ImportedValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeProto>> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs;
    private readonly HashSet<NodeProto> _done = new(ReferenceEqualityComparer.Instance);
    private readonly UniqueNames _names = new("_");
    private readonly Dictionary<string, Layer> _shared = new(StringComparer.Ordinal);

    public ImportContext(OnnxSource source, IEnumerable<NodeProto> needed)
    {
        _source = source;
        _outputs = [.. source.Model.Graph.Output.Select(o => o.Name)];
        AddNodes(needed);
    }

    /// <summary>Reads a node of a branch that was taken.</summary>
    public required Action<NodeProto> ReadNode { get; init; }

    /// <summary>Adds nodes that are about to be read: the graph's, or those of a branch.</summary>
    public void AddNodes(IEnumerable<NodeProto> nodes)
    {
        foreach (NodeProto node in nodes)
        {
            foreach (string output in node.Output)
            {
                _ = _producers.TryAdd(output, node);
            }
            foreach (string input in BranchImport.Reads(node))
            {
                if (!_readers.TryGetValue(input, out List<NodeProto>? readers))
                {
                    _readers.Add(input, readers = []);
                }
                if (readers.Count == 0 || readers[^1] != node)
                {
                    readers.Add(node);
                }
            }
        }
    }

    /// <summary>Adds a graph's or a branch's weights and constants.</summary>
    public void AddInitializers(GraphProto graph)
    {
        foreach (TensorProto proto in graph.Initializer)
        {
            var tensor = new OnnxTensor(proto, _source);
            WeightsLeft = checked(WeightsLeft + tensor.Count);
            Set(proto.Name, ImportedValue.Of(tensor));
        }
    }

    public string File => _source.Path;

    /// <summary>The version of the operators.</summary>
    public long OperatorSet { get; init; }

    /// <summary>
    /// The batch size that the file fixes, which shapes in it may contain; <see langword="null"/> if it does not.
    /// </summary>
    public long? FixedBatch { get; set; }

    /// <summary>The number of elements that weights may still have: what the file contains, and some more.</summary>
    public long WeightsLeft { get; set; }

    /// <summary>Returns the value with this name.</summary>
    public ImportedValue Value(string name, ImportedNode reader) =>
        _values.GetValueOrDefault(name)
        ?? throw reader.Error(
            $"reads {Quoted.Name(name)}, which is neither an input, nor a dense initializer, nor computed by an earlier node"
        );

    public ImportedValue? Find(string name) => _values.GetValueOrDefault(name);

    public void Set(string name, ImportedValue value)
    {
        if (!_values.TryAdd(name, value))
        {
            throw new ModelFileException($"{File}: two values are named {Quoted.Name(name)}.");
        }
    }

    /// <summary>Returns a constant of a node.</summary>
    public ImportedValue Constant(TensorProto tensor) => ImportedValue.Of(new OnnxTensor(tensor, _source));

    /// <summary>
    /// Returns a value that was computed when the file was read: a constant, unless it depends on the batch.
    /// </summary>
    public ImportedValue Folded(string name, FoldedTensor value) =>
        value.DependsOnBatch
            ? ImportedValue.Of(value)
            : ImportedValue.Of(new OnnxTensor(name, value.Type, value.Dims, value.ToBytes(), _source));

    public bool IsUsed(string value) => _readers.ContainsKey(value) || _outputs.Contains(value);

    public IReadOnlyList<NodeProto> Readers(string value) => _readers.GetValueOrDefault(value) ?? [];

    public bool IsDone(NodeProto node) => _done.Contains(node);

    /// <summary>
    /// Returns the only node that reads a value; <see langword="null"/> if there are several or the value is an output.
    /// </summary>
    public ImportedNode? OnlyReader(string value) =>
        !_outputs.Contains(value)
        && _readers.GetValueOrDefault(value) is [{ Domain: "" or "ai.onnx" } reader]
        && !_done.Contains(reader)
            ? new ImportedNode(reader, this)
            : null;

    /// <summary>Returns the node that computes a value; <see langword="null"/> if none does.</summary>
    public ImportedNode? Producer(string value) =>
        _producers.TryGetValue(value, out NodeProto? node) ? new ImportedNode(node, this) : null;

    /// <summary>
    /// Returns <see langword="true"/> if a node's inputs from this one on are all constants, and known already.
    /// </summary>
    public bool Constants(ImportedNode node, int from) =>
        Enumerable
            .Range(from, Math.Max(0, node.Inputs.Count - from))
            .All(i => !node.Has(i) || Find(node.Inputs[i])?.Constant is not null);

    /// <summary>
    /// Returns <see langword="true"/> if a node is in training mode, which is the default of operators before opset 7.
    /// </summary>
    public bool IsTraining(ImportedNode node) => node.Int("is_test", OperatorSet < 7 ? 0 : 1) == 0;

    /// <summary>Returns <see langword="true"/> if a constant of one truth value is false.</summary>
    public bool IsFalse(OnnxTensor constant)
    {
        if (constant.Type != TensorProto.Types.DataType.Bool || constant.Count != 1)
        {
            throw new ModelFileException($"{File}: tensor {constant} is not a truth value.");
        }
        var value = new long[1];
        new OnnxValues(constant).Read(value);
        return value[0] == 0;
    }

    /// <summary>Marks the only reader of a value as read together with another node.</summary>
    public void MarkDone(string readValue) => _done.Add(_readers[readValue][0]);

    /// <summary>Returns an unused name for a layer, after the node's.</summary>
    public string LayerName(ImportedNode node, string suffix = "") => LayerName(node.Name + suffix);

    /// <summary>Returns an unused name for a layer.</summary>
    public string LayerName(string wanted)
    {
        string name = wanted.Trim('/');
        if (name.Length > 200 || name.Any(IsReplaced))
        {
            name = new([.. name.Take(200).Select(c => IsReplaced(c) ? '_' : c)]);
        }
        return _names.Take(name.Length > 0 ? name : "layer");
    }

    // TensorFlow's names of tensors end in ":0", but neither it nor tfjs allows such names of layers.
    private static bool IsReplaced(char c) => char.IsControl(c) || c is '/' or ':' or ' ';

    /// <summary>
    /// Applies the layer that was created for these weights and attributes, or creates it: a weight that several nodes
    /// share stays one.
    /// </summary>
    /// <param name="key">The key of the weights and everything else that defines the layer.</param>
    /// <param name="input">The symbol to apply it to.</param>
    /// <param name="make">Creates the layer.</param>
    /// <param name="fill">Sets its weights, once it is built.</param>
    public Symbol Shared(string key, Symbol input, Func<Layer> make, Action<Layer> fill)
    {
        if (_shared.TryGetValue(key, out Layer? layer))
        {
            return layer.Apply(input);
        }
        layer = make();
        Symbol output = layer.Apply(input);
        fill(layer);
        _shared.Add(key, layer);
        return output;
    }

    /// <summary>Allocates a weight, within the limit that the file allows.</summary>
    public float[] NewWeight(long count, ImportedNode node)
    {
        Charge(count, node);
        return GC.AllocateUninitializedArray<float>(checked((int)count));
    }

    /// <summary>Counts values that are about to be allocated against the limit that the file allows.</summary>
    public void Charge(long count, ImportedNode node)
    {
        WeightsLeft -= count;
        if (WeightsLeft < 0)
        {
            throw node.Error("the network has far more weights than the file contains values: they are used too often");
        }
    }

    /// <summary>Sets a layer's weight.</summary>
    public static void SetWeight(Layer layer, string name, float[] values)
    {
        Weight weight = layer.Weights.First(w => w.Name == name);
        if (weight.Count != values.Length)
        {
            throw new ShapeException(
                $"{weight.Path} {weight.Shape} requires {weight.Count} values, got {values.Length}."
            );
        }
        weight.TakeValues(values);
    }

    /// <summary>Returns the value as (N, H, W, C).</summary>
    public Symbol Images(ImportedValue value, ImportedNode node) =>
        value.Rank == 4
            ? Ordered(value, [0, 3, 1, 2], node).Symbol
            : throw node.Error(
                $"needs images, 4 dimensions in the file, and its input has {value.Rank}: Lamina has two-dimensional windows only"
            );

    /// <summary>Returns the value in the file's own order.</summary>
    public Symbol Plain(ImportedValue value, ImportedNode node) =>
        Ordered(value, [.. Enumerable.Range(0, value.Rank)], node).Symbol;

    /// <summary>Returns the value with its dimensions in this order, adding a Permute if necessary.</summary>
    public ImportedValue Ordered(ImportedValue value, int[] axes, ImportedNode node)
    {
        if (value.Flat is { } flat)
        {
            Symbol image = new Reshape(flat.LaminaSample, LayerName(node, "_image")).Apply(value.Symbol);
            Symbol plain = Plain(ImportedValue.Of(image, flat.Axes), node);
            return ImportedValue.Of(new Flatten(LayerName(node, "_flatten")).Apply(plain));
        }
        if (value.Axes.SequenceEqual(axes))
        {
            return value;
        }
        // Dimension axes[i] of the result is the file's i, which is the symbol's value.Axes[i].
        var dims = new int[axes.Length - 1];
        for (int i = 1; i < axes.Length; i++)
        {
            dims[axes[i] - 1] = value.Axes[i];
        }
        return ImportedValue.Of(new Permute(dims, LayerName(node, "_permute")).Apply(value.Symbol), axes);
    }

    /// <summary>Returns the values in one common order.</summary>
    public ImportedValue[] Aligned(IReadOnlyList<ImportedValue> values, ImportedNode node)
    {
        ImportedValue first = values.FirstOrDefault(v => !v.IsPlain) ?? values[0];
        if (values.Any(v => v.Rank != first.Rank))
        {
            throw node.Error("its inputs have different numbers of dimensions. Reshape them to the same number");
        }
        bool isFlat = first.Flat is not null && values.All(v => first.Flat.IsLike(v.Flat));
        int[] axes = first.Flat is null ? first.Axes : [.. Enumerable.Range(0, first.Rank)];
        return isFlat ? [.. values] : [.. values.Select(v => Ordered(v, axes, node))];
    }
}
