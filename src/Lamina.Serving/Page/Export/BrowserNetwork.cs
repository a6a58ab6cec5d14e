using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Lamina.Serving;

/// <summary>A network in the form that the exported page computes: its ops in their order, and the bytes of its weights.</summary>
internal sealed class BrowserNetwork
{
    // The activations of network.js.
    private static readonly Dictionary<ActivationKind, string> s_activations = new()
    {
        [ActivationKind.Relu] = "relu",
        [ActivationKind.Relu6] = "relu6",
        [ActivationKind.LeakyRelu] = "leaky_relu",
        [ActivationKind.Elu] = "elu",
        [ActivationKind.Sigmoid] = "sigmoid",
        [ActivationKind.Tanh] = "tanh",
        [ActivationKind.Silu] = "silu",
        [ActivationKind.Exponential] = "exponential",
    };

    private readonly Dictionary<OpNode, int> _indices = [];
    private readonly List<Weight> _weights = [];
    private long _bytes;

    /// <summary>Converts the graph of a model.</summary>
    /// <exception cref="LaminaException">The page cannot compute one of its ops.</exception>
    public BrowserNetwork(Model model)
    {
        var pending = new Stack<OpNode>([model.Outputs[0].Producer]);
        // Depth first without recursion: a node follows its inputs.
        while (pending.TryPeek(out OpNode? node))
        {
            OpNode[] missing = [.. node.Inputs.Select(i => i.Producer).Where(p => !_indices.ContainsKey(p))];
            if (_indices.ContainsKey(node) || missing.Length == 0)
            {
                pending.Pop();
                Add(node);
                continue;
            }
            foreach (OpNode input in missing)
            {
                pending.Push(input);
            }
        }
    }

    /// <summary>The nodes; the last one is the output.</summary>
    public JsonArray Nodes { get; } = [];

    /// <summary>The size of all weights in bytes.</summary>
    public long Bytes => _bytes;

    /// <summary>Returns the bytes of the weights: float32, little-endian, in the order of the nodes.</summary>
    public IEnumerable<byte[]> WeightBytes() =>
        _weights.Select(w => MemoryMarshal.AsBytes(w.GetValues().AsSpan()).ToArray());

    private void Add(OpNode node)
    {
        if (_indices.ContainsKey(node))
        {
            return;
        }
        JsonObject json = Attributes(node);
        json["op"] = node.Op.Name;
        json["inputs"] = Numbers(node.Inputs.Select(i => _indices[i.Producer]));
        _indices[node] = Nodes.Count;
        Nodes.Add((JsonNode)json);
    }

    private JsonObject Attributes(OpNode node) =>
        node.Op switch
        {
            InputOp or DropoutOp or LinearOp or SoftmaxOp or LogSoftmaxOp or AddOp or MultiplyOp => [],
            ParameterOp o => Parameter(o.Weight),
            ConvolutionOp o => new()
            {
                ["strides"] = Pair(o.Strides),
                ["pads"] = Pads(o.Pads),
                ["dilation"] = Pair(o.Dilation),
                ["groups"] = o.Groups,
            },
            MaxPoolOp o => Window(o.Window, o.Strides, o.Pads),
            AveragePoolOp o => Window(o.Window, o.Strides, o.Pads),
            AdaptiveAveragePoolOp o => new() { ["output"] = Pair(o.Output) },
            BatchNormalizationOp o => new() { ["epsilon"] = o.Epsilon, ["hasScale"] = o.HasScale },
            LocalResponseNormalizationOp o => new()
            {
                ["size"] = o.Size,
                ["alpha"] = o.Alpha,
                ["beta"] = o.Beta,
                ["k"] = o.K,
            },
            ActivationOp o when s_activations.TryGetValue(o.Kind, out string? kind) => new()
            {
                ["kind"] = kind,
                ["alpha"] = o.Alpha,
            },
            RescaleOp o => new() { ["scale"] = Numbers(o.Scale), ["offset"] = Numbers(o.Offset) },
            MeanOp o => new() { ["axes"] = Numbers(o.Axes), ["keepdims"] = o.KeepDims },
            ReshapeOp o => new() { ["sample"] = Numbers(o.Sample.ToArray()) },
            TransposeOp o => new() { ["permutation"] = Numbers(o.Permutation) },
            PadOp o => new() { ["pads"] = Pads(o.Pads) },
            ConcatOp o => new() { ["axis"] = o.Axis },
            SliceOp o => new()
            {
                ["axis"] = o.Axis,
                ["start"] = o.Start,
                ["count"] = o.Count,
            },
            _ => throw new LaminaException(
                $"{node.Layer?.Name ?? node.Op.Name}: the page cannot compute {Describe(node.Op)} in a browser. Serve the network with 'alexnet serve' instead."
            ),
        };

    private static string Describe(Op op) =>
        op is ActivationOp activation ? $"the activation {activation.Kind}" : $"the op '{op.Name}'";

    private JsonObject Parameter(Weight weight)
    {
        var json = new JsonObject { ["shape"] = Numbers(weight.Shape.ToArray()), ["offset"] = _bytes };
        _weights.Add(weight);
        _bytes += (long)weight.Count * sizeof(float);
        return json;
    }

    private static JsonObject Window(Size2 window, Size2 strides, Pads2 pads) =>
        new()
        {
            ["window"] = Pair(window),
            ["strides"] = Pair(strides),
            ["pads"] = Pads(pads),
        };

    private static JsonArray Pair(Size2 size) => [size.Height, size.Width];

    private static JsonArray Pads(Pads2 pads) => [pads.Top, pads.Bottom, pads.Left, pads.Right];

    private static JsonArray Numbers(IEnumerable<int> values) => [.. values.Select(v => (JsonNode)v)];

    private static JsonArray Numbers(IEnumerable<float> values) => [.. values.Select(v => (JsonNode)v)];
}
