namespace Lamina.Inspect;

/// <summary>Finds the symbols of a model that attributions are computed at.</summary>
internal static class SpatialLayers
{
    /// <summary>Returns the scores of a classifier: the input of its final softmax, or its output if there is none.</summary>
    /// <exception cref="LaminaException">The model does not have one image input and one output (N, classes).</exception>
    public static Symbol Scores(Model model)
    {
        if (model is not { Inputs: [{ Shape.Rank: 4 }], Outputs: [{ Shape.Rank: 2 } output] })
        {
            throw new LaminaException(
                $"{model.Name}: attributions need a model from images (N, height, width, channels) to scores (N, classes)."
            );
        }
        return output.Producer.Op is SoftmaxOp ? output.Producer.Inputs[0] : output;
    }

    /// <summary>
    /// Returns the last maps of a model: the output of its last convolution, after the normalization and activation that
    /// follow it.
    /// </summary>
    /// <exception cref="LaminaException">The model has no convolution.</exception>
    public static Symbol LastMaps(Model model)
    {
        IReadOnlyList<OpNode> nodes = Nodes(Scores(model));
        OpNode? last = nodes.LastOrDefault(n => n.Op is ConvolutionOp && IsSpatial(n.Output));
        if (last is null)
        {
            throw new LaminaException(
                $"{model.Name}: has no convolution with more than one pixel, which Grad-CAM needs. Use another method."
            );
        }
        ILookup<OpNode, OpNode> readers = nodes
            .SelectMany(n => n.Inputs.Select(i => (i.Producer, Reader: n)))
            .ToLookup(p => p.Producer, p => p.Reader);
        while (readers[last].Distinct().ToList() is [{ Op: ActivationOp or BatchNormalizationOp } next])
        {
            last = next;
        }
        return last.Output;
    }

    /// <summary>Returns the maps of a layer.</summary>
    /// <exception cref="LaminaException">There is no such layer, or its output has no maps.</exception>
    public static Symbol MapsOf(Model model, string layer)
    {
        Node[] nodes = [.. model.Nodes.Where(n => n.Layer.Name == layer)];
        string[] known = [.. model.Nodes.Where(n => IsMaps(n)).Select(n => n.Layer.Name).Distinct()];
        return nodes switch
        {
            [] => throw new LaminaException(
                $"{model.Name} has no layer '{layer}'. Layers with maps are {string.Join(", ", known)}."
            ),
            [var node] when IsMaps(node) => node.Outputs[0],
            _ => throw new LaminaException(
                $"{layer}: its output has no maps (height, width, channels) of more than one pixel. Layers with maps are {string.Join(", ", known)}."
            ),
        };
    }

    /// <summary>Returns the model from images to maps, which shares the model's weights.</summary>
    /// <exception cref="LaminaException">The maps are computed inside of a nested model.</exception>
    public static Model UpTo(Model model, Symbol maps)
    {
        Symbol output =
            model.Nodes.SelectMany(n => n.Outputs).FirstOrDefault(o => o.Producer == maps.Producer)
            ?? throw new LaminaException(
                $"{model.Name}: its last convolution is inside of another layer. Name a layer with maps."
            );
        return new Model(model.Inputs, [output], model.Name);
    }

    /// <summary>Returns the ops that a symbol depends on, each after those that it reads.</summary>
    public static IReadOnlyList<OpNode> Nodes(Symbol target)
    {
        List<OpNode> order = [];
        HashSet<OpNode> seen = [target.Producer];
        Stack<(OpNode Node, int Next)> open = new();
        open.Push((target.Producer, 0));
        while (open.TryPop(out (OpNode Node, int Next) top))
        {
            if (top.Next == top.Node.Inputs.Count)
            {
                order.Add(top.Node);
                continue;
            }
            open.Push((top.Node, top.Next + 1));
            if (seen.Add(top.Node.Inputs[top.Next].Producer))
            {
                open.Push((top.Node.Inputs[top.Next].Producer, 0));
            }
        }
        return order;
    }

    private static bool IsMaps(Node node) =>
        node.Layer is not InputLayer && node.Outputs is [{ } output] && IsSpatial(output);

    private static bool IsSpatial(Symbol symbol) =>
        symbol.Shape.Rank == 4 && (symbol.Shape[1] > 1 || symbol.Shape[2] > 1);
}
