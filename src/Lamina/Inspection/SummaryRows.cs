namespace Lamina;

/// <summary>The data about layers that both styles of a summary show.</summary>
internal static class SummaryRows
{
    /// <summary>
    /// Returns <see langword="true"/> if each layer feeds the next and no layer is used twice. Otherwise rows show the
    /// layer's connections.
    /// </summary>
    public static bool IsChain(Model model)
    {
        HashSet<Node> feeding = [.. model.Nodes.SelectMany(n => n.Inputs).Select(i => i.Node!)];
        return model.Nodes.All(n => n.Inputs.Count <= 1)
            && model.Nodes.Count(n => !feeding.Contains(n)) == 1
            && model.Nodes.Select(n => n.Layer).Distinct().Count() == model.Nodes.Count;
    }

    /// <summary>Returns the layers that have a row: all of a graph's; a Sequential's without its input.</summary>
    public static IEnumerable<Layer> Layers(Model model) =>
        model.IsSequential ? model.Layers.Where(l => l is not InputLayer) : model.Layers;

    /// <summary>
    /// Returns the layer's inputs within the model: <c>conv2d[0][0]</c> is output 0 of the layer's application 0.
    /// </summary>
    public static IEnumerable<string> Connections(Model model, Layer layer)
    {
        foreach (Symbol input in layer.InboundNodes.Where(model.Contains).SelectMany(n => n.Inputs))
        {
            int node = input.Layer!.InboundNodes.Index().First(n => n.Item == input.Node).Index;
            yield return $"{input.Layer.Name}[{node}][{input.OutputIndex}]";
        }
    }

    /// <summary>Returns the shape of a node's output, or the list of several.</summary>
    public static string Shapes(IReadOnlyList<Symbol> outputs) =>
        outputs is [var one] ? one.Shape.ToString() : $"[{string.Join(", ", outputs.Select(o => o.Shape))}]";
}
