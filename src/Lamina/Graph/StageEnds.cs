namespace Lamina;

/// <summary>
/// The places of a network whose images describe it best at each size: the end of a stage, before images shrink, and the end
/// of the stage's first block, if it has blocks.
/// </summary>
/// <remarks>
/// A place is a value that alone is passed on. A block ends where branches join, and at the activation that follows. Images
/// shrink when their size is nearer to the next halving of the input: neither padding nor a valid convolution begins a stage.
/// </remarks>
internal static class StageEnds
{
    /// <summary>Returns the values in order, from the input on.</summary>
    /// <param name="network">A network of one input, up to its features.</param>
    /// <returns>
    /// Images (N, H, W, C). The last stage's end is not among them if the features are computed from it without weights.
    /// </returns>
    public static IReadOnlyList<Symbol> Of(Model network)
    {
        if (network.Inputs is not [{ Shape: { Rank: 4 } images }] || images[1] is not { } height)
        {
            return [];
        }
        List<Place> places = Places(network.Nodes, height);
        List<Symbol> found = [];
        foreach (IGrouping<int, Place> group in places.GroupBy(p => p.Level))
        {
            Place[] stage = [.. group];
            if (!stage.Any(p => p.IsComputed))
            {
                continue;
            }
            Place end = stage[^1];
            if (FirstBlock(stage) is { } block && block != end)
            {
                found.Add(block.Value);
            }
            if (network.Nodes.Skip(end.Node + 1).Any(n => n.Layer.Weights.Count > 0))
            {
                found.Add(end.Value);
            }
        }
        return found;
    }

    private static Place? FirstBlock(Place[] stage)
    {
        int at = Array.FindIndex(stage, p => p.IsJoined);
        if (at < 0)
        {
            return null;
        }
        while (at + 1 < stage.Length && stage[at + 1] is { IsJoined: false, IsComputed: false })
        {
            at++;
        }
        return stage[at];
    }

    private static List<Place> Places(IReadOnlyList<Node> nodes, int height)
    {
        Dictionary<Symbol, int> lastUse = [];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (Symbol input in nodes[i].Inputs)
            {
                lastUse[input] = i;
            }
        }
        List<Place> places = [];
        HashSet<Symbol> open = [];
        (bool isJoined, bool isComputed, int level) = (false, false, 0);
        for (int i = 0; i < nodes.Count; i++)
        {
            open.UnionWith(nodes[i].Outputs);
            open.RemoveWhere(s => lastUse.GetValueOrDefault(s, -1) <= i);
            isComputed |= nodes[i].Layer.Weights.Count > 0;
            isJoined |= open.Count > 1;
            if (open.Count != 1)
            {
                continue;
            }
            Symbol value = open.Single();
            if (value.Shape is { Rank: 4 } shape && shape[1] is > 1 and var size)
            {
                level = Math.Max(level, (int)Math.Round(Math.Log2((double)height / size)));
                places.Add(new Place(i, value, level, isJoined, isComputed));
            }
            (isJoined, isComputed) = (false, false);
        }
        return places;
    }

    /// <param name="Node">The index of the node after which the value is alone.</param>
    /// <param name="Value">The value.</param>
    /// <param name="Level">The number of times that images were halved.</param>
    /// <param name="IsJoined"><see langword="true"/> if branches joined since the place before.</param>
    /// <param name="IsComputed"><see langword="true"/> if a layer with weights follows the place before.</param>
    private sealed record Place(int Node, Symbol Value, int Level, bool IsJoined, bool IsComputed);
}
