using System.Text.Json.Nodes;
using Lamina.Torch.Tests.References;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>
/// An op touches four places: its rule in src/Lamina/Ops, its kernel in src/Lamina.Torch/Kernels, its emission in
/// src/Lamina.Formats/Onnx/Export, and its test: an example in OpExamples.cs and a definition in References.
/// </summary>
public class OpPlacesTests
{
    public static TheoryData<string> Examples => [.. OpExamples.All.Select(e => $"{e}").Distinct()];

    [Fact]
    public void Every_op_has_an_example()
    {
        Type[] leaves = [typeof(InputOp), typeof(ParameterOp)];
        IEnumerable<Type> ops = typeof(Op).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract);
        IEnumerable<string> missing = ops.Except(leaves)
            .Except(OpExamples.All.Select(e => e.Op.GetType()))
            .Select(t => $"{t.Name} has no example in tests/Lamina.Torch.Tests/Kernels/OpExamples.cs");
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_op_has_all_its_places(string name)
    {
        foreach (OpExample example in OpExamples.All.Where(e => $"{e}" == name))
        {
            Assert.Empty(Missing(example));
        }
    }

    /// <summary>Forward against the definition, and gradients against finite differences, whatever else tests the op.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_follows_its_definition(string name)
    {
        foreach (OpExample example in OpExamples.All.Where(e => $"{e}" == name))
        {
            bool isNormalization = example.Op is BatchNormalizationOp;
            new KernelCheck(example.Op, Inputs(example))
            {
                Weights = example.Weights,
                HasGradient = i =>
                    example.Op.IsDifferentiable
                    && !(example.Op is WhereOp && i == 0)
                    && !(example.Op is SampleOp or PhaseOp && i == 1)
                    && !(isNormalization && i is 1 or 2),
                Recovered =
                    example.Op is DropoutOp ? y => y.Map(_ => 1)
                    : example.Op is RandomOp ? y => y
                    : null,
            }.Run();
        }
    }

    [Fact]
    public void The_missing_places_of_an_op_are_named()
    {
        string[] missing = [.. Missing(new OpExample(new NewOp(), 0, [2, 3]))];
        Assert.Equal(4, missing.Length);
        Assert.Contains("src/Lamina.Torch/Kernels", missing[0], StringComparison.Ordinal);
        Assert.Contains("src/Lamina/Ops/OpConfig.cs", missing[1], StringComparison.Ordinal);
        Assert.Contains("src/Lamina.Formats/Onnx/Export", missing[2], StringComparison.Ordinal);
        Assert.Contains("tests/Lamina.Torch.Tests/References", missing[3], StringComparison.Ordinal);
    }

    private static List<string> Missing(OpExample example)
    {
        List<string> missing = [];
        OpNode node = OpLayer.Node(example.Op, example.Sizes, example.Weights, trainable: true);
        Try(
            "a kernel in src/Lamina.Torch/Kernels (and its line in DispatcherKernels)",
            () => DispatcherKernels.Instance.Create(node).Dispose()
        );
        Try("its attributes in src/Lamina/Ops/OpConfig.cs", () => Configure(example.Op));
        Try("an emission in src/Lamina.Formats/Onnx/Export (and its case in OnnxExporter)", () => Export(node));
        Try("a definition in tests/Lamina.Torch.Tests/References", () => Define(example, node));
        return missing;

        void Try(string place, Action action)
        {
            try
            {
                action();
            }
            catch (Exception e) when (e is LaminaException or NotSupportedException)
            {
                missing.Add($"{example} has no {place[2..]}: {e.Message}");
            }
        }
    }

    // Ops that read weights are parts of layers, whose configs are saved.
    private static void Configure(Op op)
    {
        if (op is ConvolutionOp or ConvolutionTransposeOp or BatchNormalizationOp)
        {
            return;
        }
        JsonObject written = JsonNode.Parse(OpConfig.Write(op).ToJsonString())!.AsObject();
        Op read = OpConfig.Read(op.Name, new LayerConfigReader("Operation", written));
        Assert.Equal(OpConfig.Write(op).ToJsonString(), OpConfig.Write(read).ToJsonString());
        Assert.Equal(op.GetType(), read.GetType());
    }

    private static void Export(OpNode node)
    {
        Symbol[] inputs = [.. node.Inputs.Where(i => i.Layer is InputLayer)];
        Symbol input = inputs.Length > 0 ? inputs[0] : Input(4);
        // A constant is no model; a sum with it is.
        Symbol output = inputs.Length > 0 ? node.Output : input + OpNode.Record(node.Op, []);
        var model = new Model(inputs.Length > 0 ? inputs : [input], [output]);
        _ = new OnnxExporter(model, new OnnxExportOptions()).Export("test.onnx");
    }

    private static void Define(OpExample example, OpNode node)
    {
        Array64[] inputs = Inputs(example);
        Array64 output = Reference.Forward(
            example.Op,
            false,
            example.Op is DropoutOp ? [.. inputs, inputs[0]] : inputs
        );
        int?[] expected = node.Shape.HasUnknownBatch ? [example.Sizes[0][0], .. node.Shape.Skip(1)] : [.. node.Shape];
        Assert.Equal(expected, output.Sizes.Select(s => (int?)s));
    }

    private static Array64[] Inputs(OpExample example) =>
        [.. example.Sizes.Select((sizes, i) => Draw64.Uniform(i + 3, sizes, 0.2, 1.5, 0.4, 0.9))];

    private sealed record NewOp : Op
    {
        public override string Name => "new";

        public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
    }
}
