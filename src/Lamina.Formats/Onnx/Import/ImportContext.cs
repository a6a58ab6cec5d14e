using Onnx;

namespace Lamina;

/// <summary>What reading a node needs: the values before it, layers' names, and orders of dimensions.</summary>
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

    /// <summary>The batch that the file fixes, if it does: shapes in it may name it.</summary>
    public long? FixedBatch { get; set; }

    /// <summary>How many elements weights may have in all: what the file holds, and some more.</summary>
    public long WeightsLeft { get; set; }

    /// <summary>The value of this name.</summary>
    public ImportedValue Value(string name, ImportedNode reader) =>
        _values.GetValueOrDefault(name)
        ?? throw reader.Error(
            $"reads {Quoted.Name(name)}, which is no input, no dense initializer and made by no node before it"
        );

    public ImportedValue? Find(string name) => _values.GetValueOrDefault(name);

    public void Set(string name, ImportedValue value)
    {
        if (!_values.TryAdd(name, value))
        {
            throw new ModelFileException($"{File}: two values are named {Quoted.Name(name)}.");
        }
    }

    /// <summary>A constant of a node's own.</summary>
    public ImportedValue Constant(TensorProto tensor) => ImportedValue.Of(new OnnxTensor(tensor, _source));

    /// <summary>A value that was computed when the file was read: a constant, unless it depends on the batch.</summary>
    public ImportedValue Folded(string name, FoldedTensor value) =>
        value.DependsOnBatch
            ? ImportedValue.Of(value)
            : ImportedValue.Of(new OnnxTensor(name, value.Type, value.Dims, value.ToBytes(), _source));

    public bool IsUsed(string value) => _readers.ContainsKey(value) || _outputs.Contains(value);

    public IReadOnlyList<NodeProto> Readers(string value) => _readers.GetValueOrDefault(value) ?? [];

    public bool IsDone(NodeProto node) => _done.Contains(node);

    /// <summary>The only node that reads a value, if there is one and the value is no output.</summary>
    public ImportedNode? OnlyReader(string value) =>
        !_outputs.Contains(value)
        && _readers.GetValueOrDefault(value) is [{ Domain: "" or "ai.onnx" } reader]
        && !_done.Contains(reader)
            ? new ImportedNode(reader, this)
            : null;

    /// <summary>The node that makes a value, if one does.</summary>
    public ImportedNode? Producer(string value) =>
        _producers.TryGetValue(value, out NodeProto? node) ? new ImportedNode(node, this) : null;

    /// <summary>Whether a node's inputs from this one on are all there already, and constants.</summary>
    public bool Constants(ImportedNode node, int from) =>
        Enumerable
            .Range(from, Math.Max(0, node.Inputs.Count - from))
            .All(i => !node.Has(i) || Find(node.Inputs[i])?.Constant is not null);

    /// <summary>Whether a node is in training mode as operators before opset 7 are: unless they say otherwise.</summary>
    public bool IsTraining(ImportedNode node) => node.Int("is_test", OperatorSet < 7 ? 0 : 1) == 0;

    /// <summary>Whether a constant of one truth value is false.</summary>
    public bool IsFalse(OnnxTensor constant)
    {
        if (constant.Type != TensorProto.Types.DataType.Bool || constant.Count != 1)
        {
            throw new ModelFileException($"{File}: tensor {constant} is no truth value.");
        }
        var value = new long[1];
        new OnnxValues(constant).Read(value);
        return value[0] == 0;
    }

    /// <summary>A node was read together with the one before it.</summary>
    public void MarkDone(string readValue) => _done.Add(_readers[readValue][0]);

    /// <summary>A free name for a layer, after the node's.</summary>
    public string LayerName(ImportedNode node, string suffix = "") => LayerName(node.Name + suffix);

    /// <summary>A free name for a layer.</summary>
    public string LayerName(string wanted)
    {
        string name = wanted.Trim('/');
        if (name.Length > 200 || name.Any(IsReplaced))
        {
            name = new([.. name.Take(200).Select(c => IsReplaced(c) ? '_' : c)]);
        }
        return _names.Take(name.Length > 0 ? name : "layer");
    }

    // TensorFlow's names of tensors end in ":0", and neither it nor tfjs has layers of such names.
    private static bool IsReplaced(char c) => char.IsControl(c) || c is '/' or ':' or ' ';

    /// <summary>
    /// Applies the layer that these weights and attributes made before, or makes it: a weight that several nodes share stays
    /// one.
    /// </summary>
    /// <param name="key">Names the weights and everything else that the layer is made of.</param>
    /// <param name="input">What it is applied to.</param>
    /// <param name="make">Makes the layer.</param>
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

    /// <summary>Memory for a weight, from what the file allows for.</summary>
    public float[] NewWeight(long count, ImportedNode node)
    {
        Charge(count, node);
        return GC.AllocateUninitializedArray<float>(checked((int)count));
    }

    /// <summary>Counts values that are about to be made against what the file allows for.</summary>
    public void Charge(long count, ImportedNode node)
    {
        WeightsLeft -= count;
        if (WeightsLeft < 0)
        {
            throw node.Error("the network has far more weights than the file has values: they are used too often");
        }
    }

    /// <summary>Sets a layer's weight.</summary>
    public static void SetWeight(Layer layer, string name, float[] values)
    {
        Weight weight = layer.Weights.First(w => w.Name == name);
        if (weight.Count != values.Length)
        {
            throw new ShapeException($"{weight.Path} {weight.Shape} takes {weight.Count} values, got {values.Length}.");
        }
        weight.TakeValues(values);
    }

    /// <summary>The value as (N, H, W, C).</summary>
    public Symbol Images(ImportedValue value, ImportedNode node) =>
        value.Rank == 4
            ? Ordered(value, [0, 3, 1, 2], node).Symbol
            : throw node.Error(
                $"needs images, 4 dimensions in the file, and its input has {value.Rank}: Lamina has two-dimensional windows only"
            );

    /// <summary>The value in the file's own order.</summary>
    public Symbol Plain(ImportedValue value, ImportedNode node) =>
        Ordered(value, [.. Enumerable.Range(0, value.Rank)], node).Symbol;

    /// <summary>The value with its dimensions in this order, by a Permute if need be.</summary>
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

    /// <summary>The values in one order, in which elements meet.</summary>
    public ImportedValue[] Aligned(IReadOnlyList<ImportedValue> values, ImportedNode node)
    {
        ImportedValue first = values.FirstOrDefault(v => !v.IsPlain) ?? values[0];
        if (values.Any(v => v.Rank != first.Rank))
        {
            throw node.Error("its inputs have different numbers of dimensions. Reshape them to one");
        }
        bool isFlat = first.Flat is not null && values.All(v => first.Flat.IsLike(v.Flat));
        int[] axes = first.Flat is null ? first.Axes : [.. Enumerable.Range(0, first.Rank)];
        return isFlat ? [.. values] : [.. values.Select(v => Ordered(v, axes, node))];
    }
}
