using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lamina.Bench.Peers;

/// <summary>A model in TorchSharp's plain modules, NCHW.</summary>
internal sealed class TorchSharpModel : Module<Tensor, Tensor>
{
    private readonly Sequential _layers;

    public TorchSharpModel(PeerModel model, PeerWeights weights, bool withoutDropout)
        : base(model.Name)
    {
        _layers = Sequential([.. model.Layers.SelectMany(l => Modules(l, weights, withoutDropout))]);
        RegisterComponents();
    }

    /// <summary>Images (N, C, H, W) to logits (N, classes).</summary>
    public override Tensor forward(Tensor input) => _layers.forward(input);

    private static IEnumerable<Module<Tensor, Tensor>> Modules(
        PeerLayer layer,
        PeerWeights weights,
        bool withoutDropout
    )
    {
        switch (layer.Kind)
        {
            case PeerLayer.Convolution:
                // PyTorch pads both sides alike; where Keras does not, zeros are laid on before.
                bool uneven = layer.PadBefore != layer.PadAfter;
                if (uneven)
                {
                    yield return ZeroPad2d((layer.PadBefore, layer.PadAfter, layer.PadBefore, layer.PadAfter));
                }
                yield return With(
                    Conv2d(
                        layer.Inputs,
                        layer.Outputs,
                        layer.Window,
                        layer.Strides,
                        uneven ? 0 : layer.PadBefore,
                        groups: layer.Groups,
                        bias: layer.HasBias
                    ),
                    layer,
                    weights
                );
                break;
            case PeerLayer.Dense:
                yield return With(Linear(layer.Inputs, layer.Outputs), layer, weights);
                break;
            case PeerLayer.BatchNormalization:
                yield return With(BatchNorm2d(layer.Outputs, layer.Epsilon, 1 - layer.Momentum), layer, weights);
                break;
            case PeerLayer.Relu:
                yield return ReLU();
                break;
            case PeerLayer.ResponseNormalization:
                yield return LocalResponseNorm(layer.Window, layer.Alpha, layer.Beta, layer.K);
                break;
            case PeerLayer.MaxPool:
                yield return MaxPool2d(layer.Window, layer.Strides);
                break;
            case PeerLayer.AdaptiveAveragePool:
                yield return AdaptiveAvgPool2d(layer.Window);
                break;
            case PeerLayer.Flatten:
                yield return Flatten();
                break;
            case PeerLayer.Dropout:
                yield return Dropout(withoutDropout ? 0 : layer.Rate);
                break;
            default:
                throw new InvalidDataException($"TorchSharp's peer has no layer '{layer.Kind}'.");
        }
    }

    private static T With<T>(T module, PeerLayer layer, PeerWeights weights)
        where T : nn.Module
    {
        using (no_grad())
        {
            IEnumerable<(string name, Tensor tensor)> all = module
                .named_parameters()
                .Select(p => (p.name, (Tensor)p.parameter))
                .Concat(module.named_buffers().Select(b => (b.name, b.buffer)));
            foreach ((string name, Tensor target) in all.Where(p => p.name != "num_batches_tracked"))
            {
                weights.ReadInto($"{layer.Name}.{name}", target.bytes);
            }
        }
        return module;
    }
}
