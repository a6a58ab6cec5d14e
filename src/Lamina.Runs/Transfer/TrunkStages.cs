namespace Lamina.Runs.Transfer;

/// <summary>
/// The stages of a network in which fine-tuning unfreezes it, from the top. Below a stage one value alone is passed on, from
/// which the network makes smaller images or none: in ResNet-18 the four groups of blocks and the first convolution. Averages of
/// stages that the head reads do not count.
/// </summary>
internal static class TrunkStages
{
    /// <summary>Returns the frozen layers with weights, stage by stage from the top. Batch normalization stays frozen.</summary>
    /// <param name="model">The network with its head.</param>
    public static IReadOnlyList<IReadOnlyList<Layer>> Of(Model model)
    {
        int[] stages = StageOf(model.Nodes);
        Dictionary<Layer, int> lowest = [];
        for (int i = 0; i < stages.Length; i++)
        {
            Layer layer = model.Nodes[i].Layer;
            if (IsToUnfreeze(layer))
            {
                // A layer that is used twice is of the lower stage.
                lowest.TryAdd(layer, stages[i]);
            }
        }
        return
        [
            .. lowest
                .GroupBy(p => p.Value)
                .OrderByDescending(g => g.Key)
                .Select(g => (Layer[])[.. g.Select(p => p.Key)]),
        ];
    }

    /// <summary>Makes the layers of a stage trainable.</summary>
    /// <returns>The layers with weights.</returns>
    public static IReadOnlyList<Layer> Unfreeze(IReadOnlyList<Layer> stage)
    {
        foreach (Layer layer in stage)
        {
            if (layer is Model nested)
            {
                nested.Unfreeze();
            }
            else
            {
                layer.Trainable = true;
            }
        }
        return stage;
    }

    private static bool IsToUnfreeze(Layer layer) =>
        layer is Model nested
            ? nested.Layers.Any(IsToUnfreeze)
            : layer is not BatchNormalization && !layer.Trainable && layer.Weights.Count > 0;

    private static int[] StageOf(IReadOnlyList<Node> nodes)
    {
        Dictionary<Symbol, int> lastUse = [];
        HashSet<Symbol> averages = [.. nodes.Where(n => n.Layer is GlobalAveragePooling2D).SelectMany(n => n.Outputs)];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (Symbol input in nodes[i].Inputs)
            {
                lastUse[input] = i;
            }
            if (nodes[i].Layer is not Concatenate)
            {
                averages.ExceptWith(nodes[i].Inputs);
            }
        }
        var stages = new int[nodes.Count];
        HashSet<Symbol> open = [];
        (int Node, int Size)? neck = null;
        for (int i = 0; i < nodes.Count; i++)
        {
            open.UnionWith(nodes[i].Outputs.Where(o => !averages.Contains(o)));
            open.RemoveWhere(s => lastUse.GetValueOrDefault(s, -1) <= i);
            if (open.Count != 1)
            {
                continue;
            }
            int size = SizeOf(open.Single().Shape);
            if (neck is { } last && last.Size != size)
            {
                // All nodes after the last neck are of the next stage.
                int next = stages[last.Node] + 1;
                Array.Fill(stages, next, last.Node + 1, nodes.Count - last.Node - 1);
            }
            neck = (i, size);
        }
        return stages;
    }

    private static int SizeOf(Shape shape) => shape.Rank == 4 ? shape[1] ?? 0 : 1;
}
