namespace Lamina;

/// <summary>
/// The part of a network that training leaves as it is, whatever it sees, and the rest as a network of its own from the trunk's
/// outputs on. Features that the trunk makes of images once serve all epochs in which only the rest is trained.
/// </summary>
/// <remarks>The rest is a copy, so that each layer of the whole network still has one output.</remarks>
public sealed class FrozenTrunk
{
    private readonly Dictionary<Layer, Layer> _copies;

    private FrozenTrunk(Model network, Model head, Dictionary<Layer, Layer> copies) =>
        (Network, Head, _copies) = (network, head, copies);

    /// <summary>
    /// The network from images to the last values that training does not change: one output, or one and averages of lower
    /// layers.
    /// </summary>
    public Model Network { get; }

    /// <summary>The network from there to the scores, with an input for each of these values.</summary>
    public Model Head { get; }

    /// <summary>Finds the frozen trunk of a network.</summary>
    /// <param name="model">A network of one input and one output.</param>
    /// <returns>
    /// <see langword="null"/> if no layer with weights is frozen from the input on, or if trained layers read several of the
    /// frozen layers' outputs of which more than one is not a vector.
    /// </returns>
    public static FrozenTrunk? Of(Model model)
    {
        HashSet<Node> isFixed = [];
        foreach (Node node in model.Nodes)
        {
            bool reads = node.Inputs.All(i => isFixed.Contains(i.Node!));
            if (node.Inputs.Count == 0 || (reads && IsFrozen(node.Layer) && !IsRandom(node)))
            {
                isFixed.Add(node);
            }
        }
        Node[] trained = [.. model.Nodes.Where(n => !isFixed.Contains(n))];
        Symbol[] cuts = [.. trained.SelectMany(n => n.Inputs).Where(i => isFixed.Contains(i.Node!)).Distinct()];
        if (
            cuts.Length == 0
            || (cuts.Length > 1 && cuts.Count(c => c.Shape.Rank != 2) > 1)
            || model.Inputs is not [var input]
            || model.Outputs is not [var output]
            || cuts.Contains(input)
        )
        {
            return null;
        }
        var network = new Model(model.Inputs, cuts, model.Name);
        return network.Weights.Count == 0 ? null : Split(model, network, trained, cuts, output);
    }

    /// <summary>Copies the trained weights, and which layers are frozen, to the network that they are of.</summary>
    public void CopyBack()
    {
        foreach ((Layer layer, Layer copy) in _copies)
        {
            Copy(copy, layer);
            layer.Trainable = copy.Trainable;
        }
    }

    private static FrozenTrunk Split(Model model, Model network, Node[] trained, Symbol[] cuts, Symbol output)
    {
        Dictionary<Layer, Layer> copies = [];
        var symbols = cuts.ToDictionary(c => c, c => Layers.Input(SampleShape(c)));
        Symbol[] inputs = [.. cuts.Select(c => symbols[c])];
        foreach (Node node in trained)
        {
            if (!copies.TryGetValue(node.Layer, out Layer? copy))
            {
                copy = LayerRegistry.FromConfig(
                    node.Layer.ConfigClassName,
                    node.Layer.WithPenalties(node.Layer.GetConfig())
                );
                copies.Add(node.Layer, copy);
            }
            IReadOnlyList<Symbol> outputs = copy.ApplyAll([.. node.Inputs.Select(i => symbols[i])]);
            for (int i = 0; i < outputs.Count; i++)
            {
                symbols[node.Outputs[i]] = outputs[i];
            }
        }
        foreach ((Layer layer, Layer copy) in copies)
        {
            copy.Trainable = layer.Trainable;
            Copy(layer, copy);
        }
        return new FrozenTrunk(network, new Model(inputs, [symbols[output]], model.Name), copies);
    }

    private static Shape SampleShape(Symbol symbol) => Shape.Of([.. symbol.Shape.Skip(1).Select(d => d!.Value)]);

    private static void Copy(Layer from, Layer to)
    {
        for (int i = 0; i < from.Weights.Count; i++)
        {
            to.Weights[i].SetValues(from.Weights[i].GetValues());
        }
    }

    private static bool IsFrozen(Layer layer) =>
        layer is Model model ? model.Layers.All(IsFrozen) : layer.Weights.Count == 0 || !layer.Trainable;

    // Any layer may drop values, also one that a program registers.
    private static bool IsRandom(Node node)
    {
        HashSet<Symbol> seen = [.. node.Inputs];
        Stack<Symbol> open = new(node.Outputs);
        while (open.TryPop(out Symbol? symbol))
        {
            if (!seen.Add(symbol))
            {
                continue;
            }
            if (symbol.Producer.Op is DropoutOp { Rate: > 0 } or RandomOp)
            {
                return true;
            }
            foreach (Symbol input in symbol.Producer.Inputs)
            {
                open.Push(input);
            }
        }
        return false;
    }
}
