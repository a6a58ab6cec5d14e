using System.IO.Enumeration;

namespace Lamina;

/// <summary>
/// Extensions for transfer learning, after Keras's guide: a new head on a trained model, layers frozen by name and
/// unfrozen for fine-tuning.
/// </summary>
/// <remarks>
/// A frozen layer (<see cref="Layer.Trainable"/> false) gets no gradients and keeps no optimizer state, a frozen
/// BatchNormalization normalizes by its moving averages, and nothing is computed backward below the lowest trained
/// layer. Compile after freezing and after unfreezing. For a feature extractor, create a <see cref="Model"/> from the
/// model's inputs and the <see cref="Layer.Output"/> of one of its layers.
/// </remarks>
public static class TransferLearning
{
    /// <summary>The name for all layers up to the first without spatial dimensions, <c>(N, features)</c>.</summary>
    public const string Features = "features";

    /// <summary>The name for all layers before the head.</summary>
    public const string Backbone = "backbone";

    extension(Model model)
    {
        /// <summary>The dense layer that computes the class scores: the last layer with weights.</summary>
        /// <exception cref="GraphException">The model does not end in a dense layer.</exception>
        public Dense Head => (Dense)HeadNode(model, []).Layer;

        /// <summary>
        /// Returns the same layers, with the same weights, under a new head for other classes. The new head keeps the
        /// name, activation and initializers of the old one; layers that followed the old head (such as a Softmax
        /// layer) follow the new one.
        /// </summary>
        /// <param name="classes">The number of classes, at least 1.</param>
        /// <param name="name">The head's name; <see langword="null"/> for the name of the old head.</param>
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
                x = LayerRegistry
                    .FromConfig(next.Layer.ConfigClassName, next.Layer.WithPenalties(next.Layer.GetConfig()))
                    .Apply(x);
            }
            return new Model(model.Inputs, [x], model.Name);
        }

        /// <summary>Returns the layers that a name or pattern matches, in the model's order.</summary>
        /// <param name="pattern">
        /// A layer's name, <see cref="Features"/>, <see cref="Backbone"/>, or a pattern with <c>*</c> and <c>?</c>.
        /// </param>
        /// <exception cref="LaminaException">No layer matches; the message lists the layers of the model.</exception>
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
                    $"'{pattern}' is not a layer of {model.Name}, which has {string.Join(", ", model.Layers.Select(l => l.Name))}; "
                        + $"{Features} and {Backbone} and patterns such as conv* match several layers."
                );
        }

        /// <summary>Freezes layers.</summary>
        /// <param name="patterns">
        /// The names or patterns, as <c>FindLayers</c> accepts them. All are resolved before the first layer is frozen.
        /// </param>
        /// <returns>The frozen layers.</returns>
        /// <exception cref="LaminaException">A pattern matches no layer.</exception>
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
        /// Unfreezes every frozen layer for fine-tuning, except BatchNormalization. As Keras's guide advises, these
        /// layers continue to normalize by the averages that the other weights were trained with. To unfreeze one of
        /// them, or all layers, set <see cref="Layer.Trainable"/>.
        /// </summary>
        /// <returns>The layers with weights that were unfrozen.</returns>
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

    // Walk back from the output over layers without weights. They go onto the stack, the last one first.
    private static Node HeadNode(Model model, Stack<Node> after)
    {
        if (model.Outputs is not [{ Node: { } node }])
        {
            throw new GraphException($"{model}: has {model.Outputs.Count} outputs; a head requires exactly one.");
        }
        while (node.Layer is not Dense)
        {
            if (node.Inputs.Count != 1 || node.Layer.Weights.Count > 0)
            {
                throw new GraphException(
                    $"{model}: ends in {node.Layer}, not in a Dense layer. Put a head on its "
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
