namespace Lamina;

/// <summary>
/// A trained network without its head: images in, one feature vector per image out. It shares the network's layers and
/// weights.
/// </summary>
/// <remarks>
/// The head is the last layer with weights if it computes scores: a Dense layer, or a convolution of single pixels or
/// before a softmax, as in SqueezeNet. A network that ends in anything else ends in features. Features that are images
/// are averaged over their pixels.
/// </remarks>
public sealed class ModelTrunk
{
    private const double HiddenDropout = 0.5;

    private ModelTrunk(Model model, Symbol features, Layer? head)
    {
        Head = head;
        while (features.Layer is Dropout)
        {
            features = features.Node!.Inputs[0];
        }
        if (model.Inputs.Contains(features))
        {
            throw new GraphException(
                $"{model}: there are no layers with weights before {head}, so the model has no features."
            );
        }
        Last = features.Layer!;
        Sources = [Last];
        Network = new Model(model.Inputs, [Vector(features, model)], model.Name);
    }

    private ModelTrunk(ModelTrunk last, IReadOnlyList<Symbol> stages)
    {
        (Head, Last) = (last.Head, last.Last);
        Sources = [.. stages.Select(s => s.Layer!), Last];
        List<Symbol> parts = [];
        foreach (Symbol stage in stages)
        {
            string name = FreeName(FormattableString.Invariant($"stage_features_{parts.Count + 1}"), last.Network);
            parts.Add(new GlobalAveragePooling2D(name: name).Apply(stage));
        }
        parts.Add(last.Network.Outputs[0]);
        Symbol joined = new Concatenate(name: FreeName("joined_features", last.Network)).Apply([.. parts]);
        Network = new Model(last.Network.Inputs, [joined], last.Network.Name);
    }

    /// <summary>The network up to its features. Output: (N, features).</summary>
    public Model Network { get; }

    /// <summary>The layer that computes the features, before they are averaged or flattened.</summary>
    public Layer Last { get; }

    /// <summary>The layers whose outputs make up the features, in their order; the last one is <see cref="Last"/>.</summary>
    public IReadOnlyList<Layer> Sources { get; }

    /// <summary>
    /// The layer that computed scores from the features; <see langword="null"/> if the network ends in features.
    /// </summary>
    public Layer? Head { get; }

    /// <summary>The number of features.</summary>
    public int FeatureCount => Network.Outputs[0].Shape[1]!.Value;

    /// <summary>Finds the features of a network.</summary>
    /// <param name="model">A network with one output.</param>
    /// <exception cref="GraphException">It has several outputs, or no features.</exception>
    public static ModelTrunk Of(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Outputs is not [{ } output])
        {
            throw new GraphException(
                $"{model}: has {model.Outputs.Count} outputs. Name the layer whose output is the features: ModelTrunk.At(model, name)."
            );
        }
        Node? head = HeadOf(model, output);
        return head is null ? new(model, output, null) : new(model, head.Inputs[0], head.Layer);
    }

    /// <summary>Uses the output of a layer as the features.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">The layer's name.</param>
    /// <exception cref="ArgumentException">The network has no such layer.</exception>
    /// <exception cref="GraphException">The layer is an input, or is applied several times.</exception>
    public static ModelTrunk At(Model model, string layer)
    {
        ArgumentNullException.ThrowIfNull(model);
        Layer last = model.GetLayer(layer);
        Node[] nodes = [.. model.Nodes.Where(n => n.Layer == last)];
        return nodes is [{ Outputs: [{ } output] }]
            ? new(model, output, null)
            : throw new GraphException($"{last}: has several outputs in {model.Name}; choose a layer with one output.");
    }

    /// <summary>
    /// Returns a trunk whose features are those of all stages: the outputs of each stage's first block and of its end, averaged
    /// over their pixels, before the features of this trunk. On images unlike those that the network was trained on, the last
    /// layer alone has lost much that lower layers still tell apart.
    /// </summary>
    /// <remarks>
    /// A stage ends where images shrink to half their size: in ResNet-18 there are four and the first convolution. The averages
    /// are ordinary layers, GlobalAveragePooling2D and Concatenate. A network without stages, such as one within another
    /// model, is returned as it is.
    /// </remarks>
    public ModelTrunk WithStages() => StageEnds.Of(Network) is { Count: > 0 } stages ? new(this, stages) : this;

    /// <summary>
    /// Returns the same network under a new head: batch normalization, dropout, a hidden layer if wanted, and a Dense layer with
    /// a softmax.
    /// </summary>
    /// <param name="classes">The number of classes, at least 1.</param>
    /// <param name="dropout">
    /// The dropout rate of the features in training, in [0, 1); 0 adds no dropout layer. Default: 0.2.
    /// </param>
    /// <param name="normalize">
    /// <see langword="true"/> to normalize the features, which makes the learning rate less critical.
    /// </param>
    /// <param name="hidden">
    /// The units of a hidden layer with ReLU, half of which are dropped in training; 0 for a head that is linear in the features.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Model WithHead(int classes, double dropout = 0.2, bool normalize = true, int hidden = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hidden);
        Symbol x = Network.Outputs[0];
        if (normalize)
        {
            x = new BatchNormalization(name: FreeName("head_norm", Network)).Apply(x);
        }
        if (dropout != 0)
        {
            x = new Dropout(dropout, name: FreeName("head_dropout", Network)).Apply(x);
        }
        if (hidden > 0)
        {
            x = new Dense(hidden, "relu", name: FreeName("head_hidden", Network)).Apply(x);
            x = new Dropout(HiddenDropout, name: FreeName("head_hidden_dropout", Network)).Apply(x);
        }
        x = new Dense(classes, "softmax", name: FreeName("head", Network)).Apply(x);
        return new Model(Network.Inputs, [x], Network.Name);
    }

    private static Symbol Vector(Symbol features, Model model)
    {
        string name = FreeName("pooled_features", model);
        return features.Shape.Rank switch
        {
            2 => features,
            4 when features.Shape[1] != 1 || features.Shape[2] != 1 => new GlobalAveragePooling2D(name: name).Apply(
                features
            ),
            _ => new Flatten(name).Apply(features),
        };
    }

    private static string FreeName(string name, Model model)
    {
        while (model.Layers.Any(l => l.Name == name))
        {
            name += "_";
        }
        return name;
    }

    // Walk back from the output to the last layer with weights.
    private static Node? HeadOf(Model model, Symbol output)
    {
        Node node = output.Node!;
        bool isProbabilities = false;
        bool isActivated = false;
        while (node.Layer.Weights.Count == 0 && node.Inputs.Count == 1)
        {
            string activation = node.Layer.Activation?.Name ?? "linear";
            isProbabilities |= node.Layer is Softmax || activation == "softmax";
            isActivated |= node.Layer is ReLU or LeakyReLU || !IsScore(activation);
            node = node.Inputs[0].Node!;
        }
        if (node.Layer is Model nested && nested.Outputs.Any(o => HeadOf(nested, o) is not null))
        {
            throw new GraphException(
                $"{model}: its scores are computed within {nested}. Take the trunk of that model, or name a layer: ModelTrunk.At(model, name)."
            );
        }
        string own = node.Layer.Activation?.Name ?? "linear";
        isProbabilities |= own == "softmax";
        bool isScores = isProbabilities || (!isActivated && IsScore(own));
        return node.Layer switch
        {
            Dense when isScores => node,
            Conv2D when isProbabilities => node,
            Conv2D when isScores && IsPixel(node.Inputs[0].Shape) => node,
            Conv2D { KernelSize: { Height: 1, Width: 1 }, Filters: ImageNetClasses or ImageNetClasses + 1 } => node,
            _ => null,
        };
    }

    // ImageNet's 1000 classes, to which some networks add a background class. No known network has as many features.
    private const int ImageNetClasses = 1000;

    private static bool IsScore(string activation) => activation is "linear" or "sigmoid" or "softmax";

    private static bool IsPixel(Shape images) => images[1] == 1 && images[2] == 1;
}
