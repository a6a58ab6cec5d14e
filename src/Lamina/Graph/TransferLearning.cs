using System.IO.Enumeration;

namespace Lamina;

/// <summary>
/// What transfer learning needs, as Keras's guide of that name does it: another head on a trained model, layers frozen by
/// name, and thawed again for fine-tuning.
/// </summary>
/// <remarks>
/// A frozen layer (<see cref="Layer.Trainable"/> false) gets no gradients and keeps no optimizer state, a frozen
/// BatchNormalization normalises by its moving averages, and nothing is computed backward below the lowest trained layer.
/// Compile after freezing and after thawing. For a feature extractor make a <see cref="Model"/> from the model's inputs and
/// the <see cref="Layer.Output"/> of one of its layers.
/// </remarks>
public static class TransferLearning
{
    /// <summary>Names all layers up to the first whose output has no places any more, <c>(N, features)</c>.</summary>
    public const string Features = "features";

    /// <summary>Names all layers before the head.</summary>
    public const string Backbone = "backbone";

    extension(Model model)
    {
        /// <summary>The dense layer that makes the classes' scores: the last layer with weights.</summary>
        /// <exception cref="GraphException">The model does not end in a dense layer.</exception>
        public Dense Head => (Dense)HeadNode(model, []).Layer;

        /// <summary>
        /// The same layers, with the same weights, under a new head for other classes. It has the old one's name, activation
        /// and initializers; what follows it (a Softmax layer, say) follows the new one.
        /// </summary>
        /// <param name="classes">The number of classes, at least 1.</param>
        /// <param name="name">The head's name; <see langword="null"/> for the old one's.</param>
        /// <exception cref="GraphException">The model does not end in a dense layer.</exception>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1.</exception>
        public Model WithHead(int classes, string? name = null)
        {
            Stack<Node> after = [];
            Node node = HeadNode(model, after);
            var old = (Dense)node.Layer;
            var head = new Dense(
                classes,
                old.Activation,
                old.UseBias,
                old.KernelInitializer,
                old.BiasInitializer,
                name ?? old.Name
            );
            Symbol x = head.Apply(node.Inputs[0]);
            foreach (Node next in after)
            {
                // A copy, so that each layer of the old model still has one output.
                x = LayerRegistry.FromConfig(next.Layer.ConfigClassName, next.Layer.GetConfig()).Apply(x);
            }
            return new Model(model.Inputs, [x], model.Name);
        }

        /// <summary>The layers that a name stands for, in the model's order.</summary>
        /// <param name="pattern">
        /// A layer's name; else <see cref="Features"/>, <see cref="Backbone"/>, or a pattern with <c>*</c> and <c>?</c>.
        /// </param>
        /// <exception cref="LaminaException">It stands for no layer; the message lists those there are.</exception>
        public IReadOnlyList<Layer> FindLayers(string pattern)
        {
            ArgumentException.ThrowIfNullOrEmpty(pattern);
            Layer[] found = [.. model.Layers.Where(l => l.Name == pattern)];
            if (found.Length == 0)
            {
                found = pattern switch
                {
                    Features => FeatureLayers(model),
                    Backbone => [.. model.Layers.Except(LayersFrom(HeadNode(model, []), model))],
                    _ => [.. model.Layers.Where(l => FileSystemName.MatchesSimpleExpression(pattern, l.Name, false))],
                };
            }
            return found.Length > 0
                ? found
                : throw new LaminaException(
                    $"'{pattern}' is no layer of {model.Name}: it has {string.Join(", ", model.Layers.Select(l => l.Name))}; "
                        + $"{Features} and {Backbone} stand for several, as do patterns such as conv*."
                );
        }

        /// <summary>Freezes layers.</summary>
        /// <param name="patterns">What <c>FindLayers</c> takes. All are looked up before the first layer is frozen.</param>
        /// <returns>The layers.</returns>
        /// <exception cref="LaminaException">One stands for no layer.</exception>
        public IReadOnlyList<Layer> Freeze(params IEnumerable<string> patterns)
        {
            Layer[] layers = [.. patterns.SelectMany(p => model.FindLayers(p)).Distinct()];
            foreach (Layer layer in layers)
            {
                layer.Trainable = false;
            }
            return layers;
        }

        /// <summary>
        /// Thaws every frozen layer for fine-tuning, but for BatchNormalization: as Keras's guide advises, these go on
        /// normalising by the averages that the other weights were trained with. To thaw one of them, or all layers, set
        /// <see cref="Layer.Trainable"/>.
        /// </summary>
        /// <returns>The layers with weights that were thawed.</returns>
        public IReadOnlyList<Layer> Unfreeze()
        {
            List<Layer> thawed = [];
            Thaw(model, thawed);
            return thawed;
        }
    }

    private static void Thaw(Model model, List<Layer> thawed)
    {
        foreach (Layer layer in model.Layers)
        {
            if (layer is Model nested)
            {
                Thaw(nested, thawed);
            }
            else if (!layer.Trainable && layer is not BatchNormalization)
            {
                layer.Trainable = true;
                if (layer.Weights.Count > 0)
                {
                    thawed.Add(layer);
                }
            }
        }
    }

    // Back from the output over layers without weights, which go onto the stack, the last first.
    private static Node HeadNode(Model model, Stack<Node> after)
    {
        if (model.Outputs is not [{ Node: { } node }])
        {
            throw new GraphException(
                $"{model}: has {model.Outputs.Count} outputs; a head is found where there is one."
            );
        }
        while (node.Layer is not Dense)
        {
            if (node.Inputs.Count != 1 || node.Layer.Weights.Count > 0)
            {
                throw new GraphException(
                    $"{model}: does not end in a Dense layer but in {node.Layer}. Put a head on its "
                        + "features: ModelTrunk.Of(model).WithHead(classes)."
                );
            }
            after.Push(node);
            node = node.Inputs[0].Node!;
        }
        return node;
    }

    private static Layer[] FeatureLayers(Model model)
    {
        Node? first = model.Nodes.FirstOrDefault(n => n.Inputs.Count > 0 && n.Outputs[0].Shape.Rank == 2);
        HashSet<Node> upstream = [];
        Stack<Node> open = new(first is null ? [] : [first]);
        while (open.TryPop(out Node? node))
        {
            if (upstream.Add(node))
            {
                foreach (Symbol input in node.Inputs)
                {
                    open.Push(input.Node!);
                }
            }
        }
        HashSet<Layer> layers = [.. upstream.Select(n => n.Layer)];
        return [.. model.Layers.Where(layers.Contains)];
    }

    private static HashSet<Layer> LayersFrom(Node head, Model model)
    {
        HashSet<Node> reached = [head];
        foreach (Node node in model.Nodes)
        {
            if (node.Inputs.Any(i => reached.Contains(i.Node!)))
            {
                reached.Add(node);
            }
        }
        return [.. reached.Select(n => n.Layer)];
    }
}
