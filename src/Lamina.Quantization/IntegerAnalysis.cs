using Lamina.Quantization.Steps;
using Lamina.Torch;

namespace Lamina.Quantization;

/// <summary>Determines which ops of a graph work on bytes, and which are fused.</summary>
internal sealed class IntegerAnalysis
{
    private readonly OpGraph _graph;
    private readonly IReadOnlySet<string> _floatLayers;
    private readonly HashSet<int> _targets;
    private readonly Dictionary<int, ProductChain> _chains = [];
    private readonly HashSet<int> _inside = [];
    private readonly bool[] _wantsBytes;

    public IntegerAnalysis(OpGraph graph, IReadOnlySet<string> floatLayers)
    {
        (_graph, _floatLayers, _targets) = (graph, floatLayers, [.. graph.Targets]);
        for (int slot = 0; slot < graph.Nodes.Count; slot++)
        {
            if (IsProduct(slot))
            {
                _chains[slot] = FindChain(slot);
            }
        }
        // From the outputs back: an op that passes bytes on prefers them if its readers do.
        _wantsBytes = new bool[graph.Nodes.Count];
        for (int slot = graph.Nodes.Count - 1; slot >= 0; slot--)
        {
            _wantsBytes[slot] = graph.Readers[slot].Any(r => ReadsBytes(r, slot));
        }
        IntegerLayers = [.. _chains.Values.Select(c => c.Node.Layer?.Name ?? c.Node.Op.Name)];
    }

    /// <summary>The layers that are computed in bytes, in order.</summary>
    public IReadOnlyList<string> IntegerLayers { get; }

    /// <summary>Returns the convolution or matrix product at a slot, if it works on bytes.</summary>
    public ProductChain? ChainAt(int slot) => _chains.GetValueOrDefault(slot);

    /// <summary>Returns <see langword="true"/> if a slot is computed by the chain that begins before it.</summary>
    public bool IsInsideChain(int slot) => _inside.Contains(slot);

    /// <summary>Returns <see langword="true"/> if some reader reads a slot as bytes.</summary>
    public bool WantsBytes(int slot) => _wantsBytes[slot];

    /// <summary>Returns <see langword="true"/> if an op is the identity in prediction.</summary>
    public bool IsIdentity(int slot)
    {
        OpNode node = _graph.Nodes[slot];
        return node.Op switch
        {
            DropoutOp => true,
            AdaptiveAveragePoolOp op => node.Inputs[0].Shape[1] == op.Output.Height
                && node.Inputs[0].Shape[2] == op.Output.Width,
            _ => false,
        };
    }

    /// <summary>
    /// Returns <see langword="true"/> if only batch normalizations read a slot, directly or behind poolings: they scale
    /// each channel separately anyway, so channels may have separate scales before.
    /// </summary>
    public bool FeedsNormalizationsOnly(int slot) =>
        !_targets.Contains(slot)
        && _graph.Readers[slot].Count > 0
        && _graph
            .Readers[slot]
            .All(r =>
                (_graph.Nodes[r].Op is BatchNormalizationOp && _wantsBytes[r] && !_inside.Contains(r))
                || ((_graph.Nodes[r].Op is MaxPoolOp || IsIdentity(r)) && FeedsNormalizationsOnly(r))
            );

    private bool ReadsBytes(int reader, int slot)
    {
        if (_chains.ContainsKey(reader))
        {
            return _graph.InputsOf(reader)[0] == slot;
        }
        if (_inside.Contains(reader) || !_wantsBytes[reader])
        {
            return false;
        }
        OpNode node = _graph.Nodes[reader];
        return node.Op switch
        {
            MaxPoolOp or ReshapeOp or SliceOp => true,
            ConcatOp op => op.Axis == node.Shape.Rank - 1,
            BatchNormalizationOp => _graph.InputsOf(reader)[0] == slot,
            _ => IsIdentity(reader),
        };
    }

    private bool IsProduct(int slot)
    {
        OpNode node = _graph.Nodes[slot];
        if (
            node.Op is not (ConvolutionOp or LinearOp)
            || (node.Layer is { } layer && _floatLayers.Contains(layer.Name))
            || node.Inputs.Skip(1).Any(i => i.Producer.Op is not ParameterOp)
        )
        {
            return false;
        }
        Shape kernel = node.Inputs[1].Shape;
        long taps = kernel.ElementCount / kernel[^1]!.Value;
        return taps <= ProductStep.MaxTaps && !(node.Op is ConvolutionOp op && IsMisstepped(node, op));
    }

    // As in ConvolutionKernel: oneDNN steps these incorrectly.
    private static bool IsMisstepped(OpNode node, ConvolutionOp op) =>
        node.Inputs[0].Shape[3] == 1 && node.Shape[2] == 1 && op.Strides.Height != op.Strides.Width;

    private ProductChain FindChain(int slot)
    {
        OpNode? normalization = null;
        int last = slot;
        if (OnlyReader(last) is { } next && _graph.Nodes[next].Op is BatchNormalizationOp)
        {
            normalization = _graph.Nodes[next];
            last = Enter(next);
        }
        bool relu = OnlyReader(last) is { } after && IsRelu(after);
        if (relu)
        {
            last = Enter(OnlyReader(last)!.Value);
        }
        return new ProductChain(_graph.Nodes[slot], normalization, relu, last);
    }

    private int Enter(int slot)
    {
        _inside.Add(slot);
        return slot;
    }

    private bool IsRelu(int slot) => _graph.Nodes[slot].Op is ActivationOp { Kind: ActivationKind.Relu };

    private int? OnlyReader(int slot) =>
        !_targets.Contains(slot) && _graph.Readers[slot] is [int reader] && _graph.InputsOf(reader)[0] == slot
            ? reader
            : null;
}
