using Google.Protobuf;
using Lamina.Formats.Tests;
using Onnx;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Weights that nodes reshape or transpose, and constants with a number for each pixel, compute what ONNX Runtime computes.</summary>
public class ConstantWeightTests
{
    // More elements than are computed with when a file is read.
    private const int Wide = 300;

    [Theory]
    [InlineData("transposed")]
    [InlineData("reshaped")]
    [InlineData("flattened")]
    [InlineData("squeezed")]
    public void A_large_weight_may_be_turned_by_a_node(string how)
    {
        ModelProto file = File(13, [3, 4, 25], [Wide]);
        AttributeProto[] order = how == "transposed" ? [Ints("perm", 1, 0)] : [];
        long[] dims = how switch
        {
            "reshaped" => [3, 4, 25, Wide],
            "flattened" => [Wide, 3, 100],
            "squeezed" => [1, Wide, Wide],
            _ => [Wide, Wide],
        };
        file.Graph.Initializer.Add(Weight("w", dims));
        file.Graph.Initializer.Add(Whole("flat", -1, Wide));
        file.Graph.Initializer.Add(Whole("axis", 0));
        file.Graph.Node.Add(Node("Reshape", "v", ["x", "flat"]));
        file.Graph.Node.Add(
            how switch
            {
                "transposed" => Node("Transpose", "m", ["w"], order),
                "reshaped" => Node("Reshape", "m", ["w", "flat"]),
                "flattened" => Node("Flatten", "m", ["w"], Int("axis", 1)),
                _ => Node("Squeeze", "m", ["w", "axis"]),
            }
        );
        file.Graph.Node.Add(Node("MatMul", "y", ["v", "m"]));
        Check(file);
    }

    [Fact]
    public void Kernels_in_TensorFlows_order_are_turned()
    {
        ModelProto file = File(13, [40, 6, 5], [50, 4, 3]);
        file.Graph.Initializer.Add(Weight("w", 3, 3, 40, 50 * 4));
        file.Graph.Node.Add(Node("Transpose", "k", ["w"], Ints("perm", 3, 2, 0, 1)));
        file.Graph.Node.Add(Node("Conv", "c", ["x", "k"]));
        file.Graph.Node.Add(Node("Conv", "y", ["c", "one"]));
        file.Graph.Initializer.Add(Weight("one", 50, 200, 1, 1));
        Check(file);
    }

    [Theory]
    [InlineData("Sub", false, 1, 3, 4, 5)]
    [InlineData("Sub", true, 1, 3, 4, 5)]
    [InlineData("Add", false, 3, 4, 5)]
    [InlineData("Mul", true, 4, 5)]
    [InlineData("Div", false, 3, 1, 5)]
    [InlineData("Add", false, 3, 4, 1)]
    public void A_constant_may_differ_along_several_dimensions(string operation, bool isFirst, params int[] dims)
    {
        ModelProto file = File(13, [3, 4, 5], [3, 4, 5]);
        file.Graph.Initializer.Add(Weight("w", [.. dims.Select(d => (long)d)]));
        // After a transposition too, as in files of TensorFlow's.
        file.Graph.Node.Add(Node("Transpose", "t", ["x"], Ints("perm", 0, 1, 2, 3)));
        file.Graph.Node.Add(Node(operation, "y", isFirst ? ["w", "t"] : ["t", "w"]));
        Check(file);
    }

    [Fact]
    public void A_normalization_of_constants_is_computed()
    {
        // scale / √(variance + epsilon), as TensorFlow's graphs have it.
        ModelProto file = File(13, [3, 4, 5], [3, 4, 5]);
        file.Graph.Initializer.Add(Weight("v", 3, 1, 1));
        file.Graph.Initializer.Add(Weight("two"));
        file.Graph.Node.Add(Node("Mul", "v2", ["v", "v"]));
        file.Graph.Node.Add(Node("Pow", "v3", ["v2", "two"]));
        file.Graph.Node.Add(Node("Exp", "e", ["v3"]));
        file.Graph.Node.Add(Node("Sqrt", "r", ["e"]));
        file.Graph.Node.Add(Node("Reciprocal", "i", ["r"]));
        file.Graph.Node.Add(Node("Mul", "y", ["x", "i"]));
        Check(file);
    }

    private static void Check(ModelProto file)
    {
        Session.Clear();
        using var folder = new TempFolder();
        string path = folder["model.onnx"];
        System.IO.File.WriteAllBytes(path, file.ToByteArray());
        OnnxModel read = OnnxFile.Import(path);
        NDArray[] x = RoundTrip.Inputs(read.Model, batch: 2);
        RoundTrip.Agree(Runtime.Run(path, x, OnnxLayout.Nchw), [read.Model.Predict(x[0])], "ONNX Runtime");
    }

    private static ModelProto File(long version, long[] input, long[] output)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            Graph = new GraphProto { Name = "g" },
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = version });
        model.Graph.Input.Add(Value("x", input));
        model.Graph.Output.Add(Value("y", output));
        return model;
    }

    private static ValueInfoProto Value(string name, long[] sample)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        shape.Dim.Add(sample.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        var type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape },
        };
        return new ValueInfoProto { Name = name, Type = type };
    }

    private static NodeProto Node(
        string operation,
        string output,
        string[] inputs,
        params IEnumerable<AttributeProto> attributes
    )
    {
        var node = new NodeProto { OpType = operation, Name = $"make_{output}" };
        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        return node;
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static AttributeProto Int(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeProto.Types.AttributeType.Int,
            I = value,
        };

    // No two neighbors alike in any dimension, none zero.
    private static TensorProto Weight(string name, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = 1 };
        tensor.Dims.Add(dims);
        long count = dims.Aggregate(1L, (n, d) => n * d);
        for (int i = 0; i < count; i++)
        {
            tensor.FloatData.Add((((i * 7919) % 257) + 1) / 257f);
        }
        return tensor;
    }

    private static TensorProto Whole(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = 7 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        return tensor;
    }
}
