using System.Text.Json.Nodes;
using Lamina.Bench.Peers;

namespace Lamina.Bench;

/// <summary>Writes a model so that Lamina and every peer load the same weights and images.</summary>
internal static class ModelExport
{
    private const string LaminaName = "lamina-model";

    public static string LaminaPath(string folder) => Path.Combine(folder, LaminaName);

    /// <summary>Writes a model of the zoo.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">The side of its images.</param>
    /// <param name="folder">Where to; is made.</param>
    /// <param name="forPeers">Whether peers will read it too.</param>
    public static void Write(string name, int input, string folder, bool forPeers)
    {
        Directory.CreateDirectory(folder);
        Model model = Networks.Build(name, input);
        Liven(model);
        ModelFile.Save(model, LaminaPath(folder), new SaveOptions { Metadata = Metadata(model, input) });
        PeerModel peer = PeerModelOf(name, model, isChain: !Networks.Has(name));
        peer.Save(folder);
        var random = new RandomStream(1, RandomPurpose.User);
        var images = new float[PeerImages.Count * input * input * peer.Channels];
        foreach (ref float value in images.AsSpan())
        {
            value = random.NextSingle();
        }
        PeerImages.Save(folder, images);
        if (forPeers && Networks.Has(name))
        {
            // Networks with branches go to the peers that read ONNX as Lamina exports them.
            OnnxFile.Export(model, PeerModel.GraphPath(folder));
        }
        else if (forPeers)
        {
            SafetensorsWriter.Save(PeerModel.WeightsPath(folder), [.. new PeerLayouts(model).Entries()]);
        }
    }

    // New moving averages and scales are 0 and 1, with which much could be wrong and still agree.
    private static void Liven(Model model)
    {
        var random = new RandomStream(2, RandomPurpose.User);
        foreach (Weight weight in model.Layers.OfType<BatchNormalization>().SelectMany(l => l.Weights))
        {
            float[] values = weight.GetValues();
            float least = weight.Name is "moving_variance" or "gamma" ? 0.5f : 0;
            foreach (ref float value in values.AsSpan())
            {
                value = least + random.NextSingle();
            }
            weight.SetValues(values);
        }
    }

    // What `alexnet train` leaves beside a model, so that `alexnet predict` takes it.
    private static JsonObject Metadata(Model model, int input) =>
        new()
        {
            ["classes"] = new JsonArray([
                .. Enumerable.Range(0, model.Outputs[0].Shape[1]!.Value).Select(c => JsonValue.Create($"class {c}")),
            ]),
            ["preprocessing"] = JsonNode.Parse(
                new Preprocessing
                {
                    Height = input,
                    Width = input,
                    Channels = model.Inputs[0].Shape[3]!.Value,
                }.ToJson()
            ),
            ["data"] = new JsonObject
            {
                ["format"] = "Folder",
                ["path"] = "noise",
                ["seed"] = 0,
            },
            ["training"] = new JsonObject(),
        };

    private static PeerModel PeerModelOf(string name, Model model, bool isChain)
    {
        Shape input = model.Inputs[0].Shape;
        return new PeerModel
        {
            Name = name,
            Input = input[1]!.Value,
            Channels = input[3]!.Value,
            Classes = model.Outputs[0].Shape[1]!.Value,
            Layers = isChain ? [.. model.Nodes.Where(n => n.Layer is not InputLayer).SelectMany(LayersOf)] : [],
        };
    }

    private static IEnumerable<PeerLayer> LayersOf(Node node)
    {
        Shape shape = node.Inputs[0].Shape;
        PeerLayer? layer = node.Layer switch
        {
            Conv2D c => Convolution(c, shape),
            Dense d => new PeerLayer
            {
                Kind = PeerLayer.Dense,
                Inputs = shape[1]!.Value,
                Outputs = d.Units,
            },
            BatchNormalization b => new PeerLayer
            {
                Kind = PeerLayer.BatchNormalization,
                Outputs = shape[3]!.Value,
                Momentum = b.Momentum,
                Epsilon = b.Epsilon,
            },
            // PyTorch's α is divided by the window's size, as Lamina's is kept.
            LocalResponseNormalization r => new PeerLayer
            {
                Kind = PeerLayer.ResponseNormalization,
                Window = r.Size,
                Alpha = r.Alpha * r.Size,
                Beta = r.Beta,
                K = r.K,
            },
            MaxPool2D p => new PeerLayer
            {
                Kind = PeerLayer.MaxPool,
                Window = p.PoolSize.Height,
                Strides = p.Strides.Height,
            },
            AdaptiveAveragePooling2D p => new PeerLayer
            {
                Kind = PeerLayer.AdaptiveAveragePool,
                Window = p.OutputSize.Height,
            },
            Flatten => new PeerLayer { Kind = PeerLayer.Flatten },
            Dropout d => new PeerLayer { Kind = PeerLayer.Dropout, Rate = d.Rate },
            ActivationLayer => null,
            _ => throw new LaminaException($"{node.Layer}: peers have no such layer."),
        };
        if (layer is not null)
        {
            yield return layer with
            {
                Name = node.Layer.Name,
            };
        }
        switch (node.Layer.Activation?.Name)
        {
            case "relu":
                yield return new PeerLayer { Kind = PeerLayer.Relu };
                break;
            // A peer's outputs are logits; what ends it is its own matter.
            case null or "linear" or "softmax":
                break;
            case var other:
                throw new LaminaException($"{node.Layer}: peers have no activation {other}.");
        }
    }

    private static PeerLayer Convolution(Conv2D c, Shape input)
    {
        Pads2 pads = c.Padding.Resolve(input[1]!.Value, input[2]!.Value, c.KernelSize, c.Strides, c.DilationRate);
        return new PeerLayer
        {
            Kind = PeerLayer.Convolution,
            Inputs = input[3]!.Value,
            Outputs = c.Filters,
            Window = c.KernelSize.Height,
            Strides = c.Strides.Height,
            Groups = c.Groups,
            HasBias = c.UseBias,
            PadBefore = pads.Top,
            PadAfter = pads.Bottom,
        };
    }
}
