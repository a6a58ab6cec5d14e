using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Onnx;

namespace Lamina;

/// <summary>An ONNX graph under construction: nodes, constants and unique names.</summary>
internal sealed class OnnxGraph
{
    private readonly List<NodeProto> _nodes = [];
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxConstant> _constants = new(StringComparer.Ordinal);
    private readonly UniqueNames _valueNames = new();
    private readonly UniqueNames _nodeNames = new();

    /// <summary>Returns an unused name of a value: the wanted one, or that with a number.</summary>
    public string NewValue(string wanted) => _valueNames.Take(wanted);

    /// <summary>Adds a node with one output and returns the output's name.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="name">The node's name, made unique.</param>
    /// <param name="output">The output's name, made unique.</param>
    /// <param name="inputs">The values read.</param>
    /// <param name="attributes">The attributes.</param>
    public string Add(
        string operation,
        string name,
        string output,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<AttributeProto> attributes
    )
    {
        var node = new NodeProto { OpType = operation, Name = _nodeNames.Take(name) };
        foreach (string input in inputs)
        {
            node.Input.Add(input);
        }
        string value = NewValue(output);
        node.Output.Add(value);
        foreach (AttributeProto attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }
        _nodes.Add(node);
        _producers[value] = node;
        return value;
    }

    /// <summary>Adds a Transpose; one that follows another is merged with it, or removed.</summary>
    public string Transpose(string value, string suffix, ReadOnlySpan<int> permutation)
    {
        int[] axes = permutation.ToArray();
        if (_producers.TryGetValue(value, out NodeProto? producer) && producer.OpType == "Transpose")
        {
            axes = [.. axes.Select(a => (int)producer.Attribute[0].Ints[a])];
            value = producer.Input[0];
        }
        return axes.SequenceEqual(Enumerable.Range(0, axes.Length))
            ? value
            : Add("Transpose", $"{value}/{suffix}", $"{value}/{suffix}", [value], Ints("perm", axes));
    }

    /// <summary>Adds a constant whose values are computed when the file is written.</summary>
    public string Constant(string wanted, ReadOnlySpan<int> dims, Action<Span<float>> fill)
    {
        string name = NewValue(wanted);
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
        long count = 1;
        foreach (int dim in dims)
        {
            tensor.Dims.Add(dim);
            count = checked(count * dim);
        }
        _constants.Add(name, new OnnxConstant(tensor, checked(count * sizeof(float)), fill));
        return name;
    }

    /// <summary>Adds a constant.</summary>
    public string Constant(string wanted, float[] values, params ReadOnlySpan<int> dims) =>
        Constant(wanted, dims, v => values.CopyTo(v));

    /// <summary>Adds a constant vector of integers: shapes, axes, pads.</summary>
    public string Whole(string wanted, params ReadOnlySpan<long> values)
    {
        string name = NewValue(wanted);
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Int64,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.Add(values.Length);
        _constants.Add(name, new OnnxConstant(tensor, tensor.RawData.Length, null));
        return name;
    }

    /// <summary>Renames a value everywhere; a value that has the name already gets a new one.</summary>
    /// <returns>The old and new names of the renamed values.</returns>
    public IReadOnlyList<(string From, string To)> Rename(string value, string wanted)
    {
        if (value == wanted)
        {
            return [];
        }
        var renamed = new List<(string, string)>();
        if (_producers.TryGetValue(wanted, out NodeProto? holder))
        {
            string inner = NewValue($"{wanted}/inner");
            Replace(holder, wanted, inner);
            renamed.Add((wanted, inner));
        }
        Replace(_producers[value], value, wanted);
        renamed.Add((value, wanted));
        return renamed;
    }

    /// <summary>
    /// Returns <see langword="true"/> if a node computes this value; <see langword="false"/> for inputs of the graph
    /// and constants.
    /// </summary>
    public bool IsMade(string value) => _producers.ContainsKey(value);

    /// <summary>Returns the nodes and constants that these values need, as a graph.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="outputs">The values.</param>
    public (GraphProto Graph, IReadOnlyList<OnnxConstant> Constants) Build(string name, IEnumerable<string> outputs)
    {
        HashSet<string> needed = new(outputs, StringComparer.Ordinal);
        var kept = new List<NodeProto>();
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(_nodes[i].Output[0]))
            {
                needed.UnionWith(_nodes[i].Input);
                kept.Add(_nodes[i]);
            }
        }
        kept.Reverse();
        var graph = new GraphProto { Name = name };
        graph.Node.Add(kept);
        OnnxConstant[] constants = [.. _constants.Values.Where(c => needed.Contains(c.Tensor.Name))];
        graph.Initializer.Add(constants.Select(c => c.Tensor));
        return (graph, constants);
    }

    private void Replace(NodeProto producer, string old, string renamed)
    {
        producer.Output[0] = renamed;
        _producers.Remove(old);
        _producers[renamed] = producer;
        foreach (NodeProto node in _nodes)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (node.Input[i] == old)
                {
                    node.Input[i] = renamed;
                }
            }
        }
    }

    public static AttributeProto Int(string name, long value) =>
        new()
        {
            Name = name,
            I = value,
            Type = AttributeProto.Types.AttributeType.Int,
        };

    public static AttributeProto Real(string name, double value) =>
        new()
        {
            Name = name,
            F = (float)value,
            Type = AttributeProto.Types.AttributeType.Float,
        };

    public static AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.String,
            S = Google.Protobuf.ByteString.CopyFromUtf8(value),
        };

    public static AttributeProto Ints(string name, params ReadOnlySpan<int> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        foreach (int value in values)
        {
            attribute.Ints.Add(value);
        }
        return attribute;
    }

    public static AttributeProto Pads(Pads2 pads) => Ints("pads", pads.Top, pads.Left, pads.Bottom, pads.Right);

    public static AttributeProto Extents(string name, Size2 size) => Ints(name, size.Height, size.Width);
}

/// <summary>A constant of the graph, with the function that writes its values.</summary>
/// <param name="Tensor">The tensor; its values are missing until <paramref name="Fill"/> has written them.</param>
/// <param name="Bytes">The size of its values in bytes.</param>
/// <param name="Fill">Writes the values; <see langword="null"/> if they exist already.</param>
internal sealed record OnnxConstant(TensorProto Tensor, long Bytes, Action<Span<float>>? Fill)
{
    /// <summary>Puts the values into the tensor, in ONNX's little-endian order.</summary>
    public void Complete()
    {
        if (Fill is not null)
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)Bytes));
            Fill(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
            Tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
        }
    }
}

/// <summary>Issues unique names.</summary>
internal sealed class UniqueNames(string separator = ":")
{
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>Returns the wanted name or, if it is taken, that with the next free number.</summary>
    public string Take(string wanted)
    {
        if (_taken.TryAdd(wanted, 0))
        {
            return wanted;
        }
        string name;
        do
        {
            int number = ++_taken[wanted];
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}{separator}{number}");
        } while (!_taken.TryAdd(name, 0));
        return name;
    }
}
