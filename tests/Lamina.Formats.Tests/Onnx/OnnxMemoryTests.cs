using Google.Protobuf;
using Onnx;
using static Lamina.Formats.Tests.OnnxFiles.OnnxGraphs;

namespace Lamina.Formats.Tests.OnnxFiles;

/// <summary>A graph of many small nodes takes memory in proportion to its file, or is refused.</summary>
public class OnnxMemoryTests
{
    private const long Allowed = 64 << 20;

    [Fact]
    public void A_small_file_of_thirty_thousand_nodes_is_refused_before_it_costs_much()
    {
        byte[] file = Chain(30_000);
        Assert.InRange(file.Length, 500_000, 700_000);
        (long allocated, Exception? error) = Cost(file);
        OneLine.IsOneLine(Assert.IsType<ModelFileException>(error));
        Assert.Contains("has 30000 nodes", error!.Message, StringComparison.Ordinal);
        Assert.True(allocated < (Allowed / 2) + file.Length, $"{allocated} bytes for a file of {file.Length}");
    }

    [Fact]
    public void Branches_count()
    {
        var branch = new GraphProto();
        branch.Node.Add(Enumerable.Range(0, 30_000).Select(i => Node("Relu", $"b{i + 1}", i == 0 ? "x" : $"b{i}")));
        branch.Output.Add(Value("b30000", 0, 3, 4, 4));
        NodeProto node = Node("If", "y", "c");
        node.Attribute.Add(
            new AttributeProto
            {
                Name = "then_branch",
                G = branch,
                Type = AttributeProto.Types.AttributeType.Graph,
            }
        );
        Refused(Network(node), "has 30001 nodes");
    }

    [Fact]
    public void Twelve_thousand_nodes_are_read_within_the_memory_that_a_file_may_take()
    {
        byte[] file = Chain(12_000);
        (long allocated, Exception? error) = Cost(file);
        Assert.Null(error);
        Assert.True(allocated < Allowed + file.Length, $"{allocated} bytes for a file of {file.Length}");
    }

    // Names of hexadecimal numbers: about twenty bytes a node.
    private static byte[] Chain(int count)
    {
        IEnumerable<NodeProto> nodes = Enumerable
            .Range(0, count)
            .Select(i => new NodeProto
            {
                OpType = "Relu",
                Input = { i == 0 ? "x" : $"{i:x}" },
                Output = { i == count - 1 ? "y" : $"{i + 1:x}" },
            });
        return Network(nodes).ToByteArray();
    }

    private static (long Allocated, Exception? Error) Cost(byte[] file)
    {
        using var folder = new TempFolder();
        System.IO.File.WriteAllBytes(folder["m.onnx"], file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Record.Exception(() => OnnxFile.Import(folder["m.onnx"]));
        return (GC.GetAllocatedBytesForCurrentThread() - before, error);
    }
}
