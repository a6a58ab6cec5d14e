using System.Runtime.InteropServices;
using Google.Protobuf;
using Lamina.Bench.Peers.Onnx;

namespace Lamina.Bench.Peers;

/// <summary>An ONNX graph in the making: a chain of nodes and the tensors they read.</summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8;
    private const int OperatorSet = 17;

    /// <summary>The input's name.</summary>
    public const string Images = "images";

    private readonly GraphProto _graph = new() { Name = "peer" };

    /// <summary>Begins with the images.</summary>
    public OnnxGraph(params long[] inputShape) => _graph.Input.Add(Value(Images, inputShape));

    /// <summary>What the chain has come to: the last node's output, or the images.</summary>
    public string Last { get; set; } = Images;

    /// <summary>Adds a constant.</summary>
    public string Constant<T>(
        string name,
        TensorProto.Types.DataType type,
        ReadOnlySpan<T> values,
        params long[] dimensions
    )
        where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = type,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)),
        };
        tensor.Dims.Add(dimensions);
        _graph.Initializer.Add(tensor);
        return name;
    }

    public string Constant(string name, float[] values, params long[] dimensions) =>
        Constant<float>(name, TensorProto.Types.DataType.Float, values, dimensions);

    /// <summary>Adds a node; its output, named after it.</summary>
    public string Node(string operation, string name, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = name };
        node.Input.Add(inputs);
        node.Output.Add(name);
        node.Attribute.Add(attributes);
        _graph.Node.Add(node);
        return name;
    }

    /// <summary>Adds a node that reads <see cref="Last"/> and is the new last.</summary>
    public void Chain(string operation, string name, string[] others, params AttributeProto[] attributes) =>
        Last = Node(operation, name, [Last, .. others], attributes);

    /// <summary>The model's file.</summary>
    /// <param name="outputs">What it computes.</param>
    public byte[] ToModel(params IEnumerable<string> outputs)
    {
        _graph.Output.Clear();
        _graph.Output.Add(outputs.Select(o => Value(o)));
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "lamina bench",
            Graph = _graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        return model.ToByteArray();
    }

    public static AttributeProto Whole(string name, long value) =>
        new()
        {
            Name = name,
            I = value,
            Type = AttributeProto.Types.Type.Int,
        };

    public static AttributeProto Real(string name, double value) =>
        new()
        {
            Name = name,
            F = (float)value,
            Type = AttributeProto.Types.Type.Float,
        };

    public static AttributeProto List(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.Type.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static ValueInfoProto Value(string name, long[]? shape = null)
    {
        var type = new TypeProto.Types.Tensor { ElemType = TensorProto.Types.DataType.Float };
        if (shape is not null)
        {
            type.Shape = new TensorShapeProto();
            type.Shape.Dim.Add(shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        }
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = type },
        };
    }
}
