using Lamina.Bench.Peers.Onnx;
using static Lamina.Bench.Peers.OnnxGraph;

namespace Lamina.Bench.Peers;

/// <summary>
/// The model quantized statically, as ONNX Runtime's own tool writes it: pairs of QuantizeLinear and DequantizeLinear around
/// convolutions, poolings and dense layers. Activations are unsigned bytes with one scale a tensor, from the least and greatest
/// values of a calibration; weights are signed bytes with a scale an output channel. Normalisations stay in float32.
/// </summary>
internal sealed class QuantizedExport(
    PeerModel model,
    PeerWeights weights,
    int batch,
    IReadOnlyDictionary<string, (float Least, float Greatest)> ranges
) : OnnxExport(model, weights, batch)
{
    private const int UnsignedMost = 255;
    private const int SignedMost = 127;

    private (float Scale, byte Zero) _scale;
    private int _pairs;

    protected override void Begin()
    {
        _scale = ScaleOf(OnnxGraph.Images);
        Pair();
    }

    protected override void Finish(PeerLayer layer, PeerLayer? next)
    {
        // A ReLU is absorbed by the quantization after it, whose least value is 0.
        bool waits =
            next is null or { Kind: PeerLayer.Relu }
            || layer.Kind is PeerLayer.Dropout or PeerLayer.AdaptiveAveragePool;
        if (waits)
        {
            return;
        }
        // What only moves values, or picks some, keeps their scale.
        if (layer.Kind is not (PeerLayer.MaxPool or PeerLayer.Flatten))
        {
            _scale = ScaleOf(Graph.Last);
        }
        Pair();
    }

    protected override string[] KernelAndBias(PeerLayer layer)
    {
        (float[] kernel, long[] dimensions) = Read(layer, "weight");
        (float[] bias, _) = Read(layer, "bias");
        int size = kernel.Length / bias.Length;
        var bytes = new sbyte[kernel.Length];
        var scales = new float[bias.Length];
        var biasScales = new float[bias.Length];
        var biasValues = new int[bias.Length];
        for (int channel = 0; channel < bias.Length; channel++)
        {
            ReadOnlySpan<float> values = kernel.AsSpan(channel * size, size);
            float greatest = 0;
            foreach (float value in values)
            {
                greatest = Math.Max(greatest, Math.Abs(value));
            }
            scales[channel] = greatest > 0 ? greatest / SignedMost : 1;
            for (int i = 0; i < size; i++)
            {
                bytes[(channel * size) + i] = (sbyte)Math.Round(values[i] / scales[channel]);
            }
            biasScales[channel] = _scale.Scale * scales[channel];
            biasValues[channel] = (int)Math.Round(bias[channel] / biasScales[channel]);
        }
        return
        [
            Dequantized<sbyte>($"{layer.Name}.weight", TensorProto.Types.DataType.Int8, bytes, dimensions, scales),
            Dequantized<int>(
                $"{layer.Name}.bias",
                TensorProto.Types.DataType.Int32,
                biasValues,
                [bias.Length],
                biasScales
            ),
        ];
    }

    private string Dequantized<T>(
        string name,
        TensorProto.Types.DataType type,
        T[] values,
        long[] dimensions,
        float[] scales
    )
        where T : unmanaged
    {
        string constant = Graph.Constant<T>($"{name}.quantized", type, values, dimensions);
        string scale = Graph.Constant($"{name}.scale", scales, scales.Length);
        string zero = Graph.Constant<T>($"{name}.zero", type, new T[scales.Length], scales.Length);
        return Graph.Node("DequantizeLinear", name, [constant, scale, zero], Whole("axis", 0));
    }

    private void Pair()
    {
        string name = $"pair{_pairs++}";
        string scale = Graph.Constant($"{name}.scale", [_scale.Scale]);
        string zero = Graph.Constant<byte>($"{name}.zero", TensorProto.Types.DataType.Uint8, [_scale.Zero]);
        Graph.Chain("QuantizeLinear", $"{name}.quantized", [scale, zero]);
        Graph.Chain("DequantizeLinear", name, [scale, zero]);
    }

    private (float Scale, byte Zero) ScaleOf(string tensor)
    {
        (float least, float greatest) = ranges[tensor];
        (least, greatest) = (Math.Min(least, 0), Math.Max(greatest, 0));
        float scale = greatest > least ? (greatest - least) / UnsignedMost : 1;
        return (scale, (byte)Math.Round(-least / scale));
    }
}
