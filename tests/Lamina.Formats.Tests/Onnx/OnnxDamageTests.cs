using Google.Protobuf;
using Onnx;
using static Lamina.Formats.Tests.OnnxFiles.OnnxGraphs;

namespace Lamina.Formats.Tests.OnnxFiles;

/// <summary>A damaged or hostile file is refused with one line, or read as what it then says, within the memory that it may take.</summary>
public class OnnxDamageTests
{
    private static readonly byte[] s_small = Bytes(Small());

    private static byte[] Bytes(Model model)
    {
        using var folder = new TempFolder();
        OnnxFile.Export(model, folder["m.onnx"]);
        return System.IO.File.ReadAllBytes(folder["m.onnx"]);
    }

    /// <summary>Whether the file is refused; anything but a model or one line fails.</summary>
    private static bool IsRefused(TempFolder folder, byte[] file)
    {
        string path = folder["m.onnx"];
        System.IO.File.WriteAllBytes(path, file);
        bool refused = false;
        try
        {
            _ = OnnxFile.Import(path).Model.Weights.Sum(w => w.Count);
        }
        catch (ModelFileException e)
        {
            OneLine.IsOneLine(e);
            Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
            refused = true;
        }
        try
        {
            FileDescription description = OnnxFile.Describe(path);
            Assert.All(description.Notes, n => Assert.DoesNotContain(n, char.IsControl));
        }
        catch (ModelFileException e)
        {
            OneLine.IsOneLine(e);
        }
        return refused;
    }

    [Fact]
    public void Every_byte_flipped_is_refused_or_read_as_what_it_then_says()
    {
        using var folder = new TempFolder();
        Assert.False(IsRefused(folder, s_small));
        int refused = 0;
        for (int i = 0; i < s_small.Length; i++)
        {
            foreach (byte mask in (ReadOnlySpan<byte>)[0x01, 0x80, 0xff])
            {
                byte[] damaged = [.. s_small];
                damaged[i] ^= mask;
                refused += IsRefused(folder, damaged) ? 1 : 0;
            }
        }
        // Names, texts and values carry no checksum; lengths, operators, shapes and links are most of the rest.
        Assert.True(refused > s_small.Length / 2, $"{refused} refused of {s_small.Length * 3}");
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new TempFolder();
        for (int length = 0; length < s_small.Length; length++)
        {
            bool refused = IsRefused(folder, s_small[..length]);
            // After the graph come the operator sets, without which the version is the first one's.
            Assert.True(refused || length > s_small.Length - 20, $"cut to {length} bytes");
        }
    }

    [Fact]
    public void Impossible_dimensions_are_refused()
    {
        foreach (
            long[] dims in (long[][])
                [
                    [1L << 62, 3, 1, 1],
                    [-1, 3, 1, 1],
                    [1L << 31, 1L << 31, 1, 1],
                    [1 << 20, 3, 1, 1],
                    [0, 3, 1, 1],
                ]
        )
        {
            Refused(Network(Node("Conv", "y", "x", "w")).With(Tensor("w", 12, dims)), "'w'");
        }
        ModelProto model = Network(Node("Relu", "y", "x"));
        foreach (long size in (long[])[1L << 62, -5, 0])
        {
            model.Graph.Input[0] = Value("x", 0, 3, size, 4);
            Refused(model, "'x'", "dimension 2");
        }
        model.Graph.Input[0] = Value("x", 0, int.MaxValue, int.MaxValue, int.MaxValue);
        model.Graph.Node[0] = Node("Flatten", "y", "x");
        Refused(model, "too large");
        Refused(Network(Node("Reshape", "y", "x", "s")).With(Whole("s", 0, 1L << 62)), "make_y");
        Refused(
            Network(Node("Pad", "y", "x", "p")).With(Whole("p", 0, 0, int.MaxValue, 0, 0, 0, int.MaxValue, 0)),
            "make_y"
        );
        Refused(Network(Node("MaxPool", "y", "x").With("kernel_shape", 1L << 40, 3)), "kernel_shape");
    }

    [Fact]
    public void Graphs_that_are_not_whole_are_refused()
    {
        Refused(Network(Node("Relu", "y", "z"), Node("Relu", "z", "y")), "'z'");
        Refused(Network(Node("Relu", "y", "y")), "'y'");
        Refused(Network(Node("Add", "y", "x", "nothing")), "'nothing'");
        Refused(Network(Node("Relu", "other", "x")), "output 'y'");
        Refused(Network(Node("Relu", "y", "x"), Node("Tanh", "y", "x")), "two values are named 'y'");
        Refused(Network(Node("Relu", "x", "x"), Node("Relu", "y", "x")), "two values are named 'x'");
        Refused(Network(Node("Relu", "y", "x")).With(Tensor("w", 4, 1), Tensor("w", 4, 1)), "'w'");
        Refused(Network(Node("Relu", "y")), "lacks input 0");
        Refused(new ModelProto(), "no graph");
        Refused([], "no graph");
    }

    [Fact]
    public void Operators_that_Lamina_has_not_are_named_with_those_it_has()
    {
        Refused(
            Network(Node("ConvTranspose", "y", "x")),
            "'make_y'",
            "ConvTranspose",
            "AveragePool, BatchNormalization"
        );
        NodeProto foreign = Node("Relu", "y", "x");
        foreign.Domain = "com.example";
        Refused(Network(foreign), "com.example.Relu");
        Refused(Network(Node("Relu", "y", "x").With("slope", 1)), "'slope'");
        Refused(Network(Node("Evil\nname\u001b[31m", "y", "x")), "Evil?name");
    }

    [Fact]
    public void A_graph_of_ten_thousand_layers_is_read()
    {
        List<NodeProto> nodes =
        [
            .. Enumerable.Range(0, 9_999).Select(i => Node("Relu", $"v{i + 1}", i == 0 ? "x" : $"v{i}")),
        ];
        nodes.Add(Node("Relu", "y", "v9999"));
        Assert.Equal(10_001, Import(Network(nodes)).Model.Layers.Count);
    }

    [Fact]
    public void Depth_is_passed_over()
    {
        // Subgraphs in subgraphs: each an attribute g (6) of a node (1) of a graph, all the way down.
        var heads = new Stack<byte[]>();
        int length = 0;
        for (int i = 0; i < 10_000; i++)
        {
            foreach (int number in (ReadOnlySpan<int>)[6, 5, 1])
            {
                heads.Push(Head(number, length));
                length += heads.Peek().Length;
            }
        }
        heads.Push(Head(7, length));
        byte[] file = [.. Network(Node("Relu", "y", "x")).ToByteArray(), .. heads.SelectMany(h => h)];
        using var folder = new TempFolder();
        Assert.False(IsRefused(folder, file));
        // Groups, which nest without lengths.
        Refused([.. Enumerable.Repeat((byte)0x3b, 100_000)], "type 3");
    }

    [Theory]
    [InlineData(0x0a)] // nodes
    [InlineData(0x2a)] // initializers
    [InlineData(0x5a)] // inputs
    public void Millions_of_empty_messages_take_no_more_memory_than_they_may(byte tag)
    {
        byte[] items = new byte[8 << 20];
        for (int i = 0; i < items.Length; i += 2)
        {
            items[i] = tag;
        }
        RefusedWithin(Field(7, items));
    }

    [Fact]
    public void Long_lists_of_small_numbers_take_no_more_memory_than_they_may()
    {
        // One tensor whose dimensions are eight million ones, a byte each.
        byte[] dims = [.. Enumerable.Repeat((byte)1, 8 << 20)];
        RefusedWithin(Field(7, Field(5, Field(1, dims))));
    }

    [Fact]
    public void A_small_weight_that_is_used_often_does_not_become_many()
    {
        // Each of 3000 nodes would make 64 KB of its own: they differ in an attribute, so they cannot share.
        var nodes = new List<NodeProto>();
        for (int i = 0; i < 3_000; i++)
        {
            NodeProto node = Node("Gemm", $"v{i + 1}", i == 0 ? "x" : $"v{i}", "w");
            node.Attribute.Add(
                new AttributeProto
                {
                    Name = "alpha",
                    F = i,
                    Type = AttributeProto.Types.AttributeType.Float,
                }
            );
            nodes.Add(node);
        }
        ModelProto model = Network(nodes).With(Tensor("w", 128 * 128 * 4, 128, 128));
        model.Graph.Input[0] = Value("x", 0, 128);
        model.Graph.Output[0] = Value("v3000", 0, 128);
        RefusedWithin(model.ToByteArray());
    }

    private static void RefusedWithin(byte[] file)
    {
        using var folder = new TempFolder();
        System.IO.File.WriteAllBytes(folder["m.onnx"], file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Error(() => OnnxFile.Import(folder["m.onnx"]), folder["m.onnx"]);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < file.Length + (64 << 20), $"{allocated} bytes for a file of {file.Length}");
    }

    /// <summary>A field with a length, as protocol buffers have it.</summary>
    private static byte[] Field(int number, byte[] content) => [.. Head(number, content.Length), .. content];

    private static byte[] Head(int number, int length)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteLength(length);
        }
        return stream.ToArray();
    }

    private static TensorProto Whole(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = 7 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        return tensor;
    }
}
