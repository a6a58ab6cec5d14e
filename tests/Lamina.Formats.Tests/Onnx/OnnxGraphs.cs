using Google.Protobuf;
using Onnx;
using static Lamina.Layers;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Lamina.Formats.Tests.OnnxFiles;

/// <summary>Small networks, and hand-made files that no exporter would write.</summary>
internal static class OnnxGraphs
{
    /// <summary>A network with a branch, normalisations, asymmetric pads and a dense layer after a flattened image.</summary>
    public static Model Small()
    {
        // Named, as the counters of names are the process's and other tests run beside this.
        Symbol input = Input(Shape.Of(7, 6, 2), name: "images");
        Symbol x = Conv2D(3, 3, strides: 2, padding: "same", activation: "relu", name: "conv")(input);
        x = BatchNormalization(name: "norm")(x);
        x = PaperLrn(name: "lrn")(x);
        Symbol branch = Conv2D(3, 1, name: "branch")(x);
        x = Add(name: "add")(x, branch);
        x = MaxPool2D(3, 2, Padding.Explicit(0, 1, 1, 0), name: "pool")(x);
        x = Flatten(name: "flatten")(x);
        x = Dropout(0.5, name: "dropout")(x);
        return Model(input, Dense(3, activation: "softmax", name: "dense")(x), name: "small");
    }

    /// <summary>A file of these nodes, with an input x (N, 3, 4, 4) and an output y.</summary>
    public static ModelProto Network(params IEnumerable<NodeProto> nodes)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            Graph = new GraphProto { Name = "g" },
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        model.Graph.Node.Add(nodes);
        model.Graph.Input.Add(Value("x", 0, 3, 4, 4));
        model.Graph.Output.Add(Value("y", 0, 3, 4, 4));
        return model;
    }

    public static NodeProto Node(string operation, string output, params IEnumerable<string> inputs)
    {
        var node = new NodeProto { OpType = operation, Name = $"make_{output}" };
        node.Input.Add(inputs);
        node.Output.Add(output);
        return node;
    }

    public static NodeProto With(this NodeProto node, string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(values);
        node.Attribute.Add(attribute);
        return node;
    }

    public static ModelProto With(this ModelProto model, params IEnumerable<TensorProto> initializers)
    {
        model.Graph.Initializer.Add(initializers);
        return model;
    }

    /// <summary>A float32 tensor of these dimensions, and so many bytes of zeros.</summary>
    public static TensorProto Tensor(string name, int bytes, params long[] dims)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = 1,
            RawData = ByteString.CopyFrom(new byte[bytes]),
        };
        tensor.Dims.Add(dims);
        return tensor;
    }

    public static TensorProto External(string name, string location, string offset, string length, params long[] dims)
    {
        TensorProto tensor = Tensor(name, 0, dims);
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        foreach ((string key, string value) in new[] { ("location", location), ("offset", offset), ("length", length) })
        {
            if (value.Length > 0)
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            }
        }
        return tensor;
    }

    public static ValueInfoProto Value(string name, params long[] dims)
    {
        var type = new TypeProto.Types.Tensor { ElemType = 1, Shape = new TensorShapeProto() };
        type.Shape.Dim.Add(
            dims.Select(d =>
                d == 0
                    ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                    : new TensorShapeProto.Types.Dimension { DimValue = d }
            )
        );
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = type },
        };
    }

    /// <summary>The file cannot be read: one line that begins with its path and has these texts.</summary>
    public static void Refused(ModelProto model, params string[] contains) => Refused(model.ToByteArray(), contains);

    public static void Refused(byte[] file, params string[] contains)
    {
        using var folder = new TempFolder();
        string path = folder["m.onnx"];
        System.IO.File.WriteAllBytes(path, file);
        LaminaException error = OneLine.Error(() => OnnxFile.Import(path), contains);
        Assert.IsType<ModelFileException>(error);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    public static OnnxModel Import(ModelProto model)
    {
        using var folder = new TempFolder();
        System.IO.File.WriteAllBytes(folder["m.onnx"], model.ToByteArray());
        return OnnxFile.Import(folder["m.onnx"]);
    }
}
