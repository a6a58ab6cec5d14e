using static Lamina.Bench.Peers.OnnxGraph;

namespace Lamina.Bench.Peers;

/// <summary>A peer's model as ONNX, from images (N, C, H, W) to probabilities.</summary>
internal class OnnxExport(PeerModel model, PeerWeights weights, int batch)
{
    // A side of the images as they shrink, for the pooling that adapts to it.
    private int _side = model.Input;

    protected OnnxGraph Graph { get; } = new(batch, model.Channels, model.Input, model.Input);

    /// <summary>What the layers compute, in order.</summary>
    public List<string> Tensors { get; } = [];

    /// <summary>Adds all layers and the softmax.</summary>
    public OnnxGraph Build()
    {
        Begin();
        for (int i = 0; i < model.Layers.Count; i++)
        {
            PeerLayer layer = model.Layers[i];
            Add(layer, $"layer{i}");
            Tensors.Add(Graph.Last);
            Finish(layer, i + 1 < model.Layers.Count ? model.Layers[i + 1] : null);
        }
        Graph.Chain("Softmax", "probabilities", [], Whole("axis", 1));
        return Graph;
    }

    /// <summary>Called before the first layer.</summary>
    protected virtual void Begin() { }

    /// <summary>Called after each layer, with the one that follows.</summary>
    protected virtual void Finish(PeerLayer layer, PeerLayer? next) { }

    /// <summary>The names of a layer's kernel and bias, if it has one, for a node that reads <see cref="OnnxGraph.Last"/>.</summary>
    protected virtual string[] KernelAndBias(PeerLayer layer) =>
        layer.HasBias ? [Weight(layer, "weight"), Weight(layer, "bias")] : [Weight(layer, "weight")];

    protected (float[] Values, long[] Dimensions) Read(PeerLayer layer, string name) =>
        weights.Read($"{layer.Name}.{name}");

    private string Weight(PeerLayer layer, string name)
    {
        (float[] values, long[] dimensions) = Read(layer, name);
        return Graph.Constant($"{layer.Name}.{name}", values, dimensions);
    }

    private void Add(PeerLayer layer, string name)
    {
        int window = layer.Window;
        switch (layer.Kind)
        {
            case PeerLayer.Convolution:
                Graph.Chain(
                    "Conv",
                    name,
                    KernelAndBias(layer),
                    List("kernel_shape", window, window),
                    List("strides", layer.Strides, layer.Strides),
                    List("pads", layer.PadBefore, layer.PadBefore, layer.PadAfter, layer.PadAfter),
                    Whole("group", layer.Groups)
                );
                Shrink(layer, layer.PadBefore + layer.PadAfter);
                break;
            case PeerLayer.Dense:
                Graph.Chain("Gemm", name, KernelAndBias(layer), Whole("transB", 1));
                break;
            case PeerLayer.BatchNormalization:
                string[] names = ["weight", "bias", "running_mean", "running_var"];
                Graph.Chain(
                    "BatchNormalization",
                    name,
                    [.. names.Select(n => Weight(layer, n))],
                    Real("epsilon", layer.Epsilon)
                );
                break;
            case PeerLayer.Relu:
                Graph.Chain("Relu", name, []);
                break;
            case PeerLayer.ResponseNormalization:
                Graph.Chain(
                    "LRN",
                    name,
                    [],
                    Whole("size", window),
                    Real("alpha", layer.Alpha),
                    Real("beta", layer.Beta),
                    Real("bias", layer.K)
                );
                break;
            case PeerLayer.MaxPool:
                Graph.Chain(
                    "MaxPool",
                    name,
                    [],
                    List("kernel_shape", window, window),
                    List("strides", layer.Strides, layer.Strides)
                );
                Shrink(layer, 0);
                break;
            // ONNX has no such pooling: what there is to pool here is a whole number of equal windows, mostly of one pixel.
            case PeerLayer.AdaptiveAveragePool when _side % window == 0:
                long step = _side / window;
                if (step > 1)
                {
                    Graph.Chain("AveragePool", name, [], List("kernel_shape", step, step), List("strides", step, step));
                }
                break;
            case PeerLayer.Flatten:
                Graph.Chain("Flatten", name, []);
                break;
            case PeerLayer.Dropout:
                break;
            default:
                throw new InvalidDataException(
                    $"ONNX Runtime's peer has no layer '{layer.Kind}' for images of {_side}."
                );
        }
    }

    private void Shrink(PeerLayer layer, int pads) => _side = ((_side + pads - layer.Window) / layer.Strides) + 1;
}
