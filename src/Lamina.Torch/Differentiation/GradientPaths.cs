namespace Lamina.Torch;

/// <summary>Finds the symbols that no gradient reaches before anything is computed.</summary>
internal static class GradientPaths
{
    /// <summary>Throws unless a gradient of the loss reaches each symbol.</summary>
    /// <param name="graph">The ops of the loss.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="by">The symbols.</param>
    /// <exception cref="GraphException">No gradient reaches a symbol; the message says why.</exception>
    public static void Require(OpGraph graph, Symbol loss, IReadOnlyList<Symbol> by)
    {
        if (by.Count == 0)
        {
            throw new GraphException(
                "There is nothing to compute gradients by. Pass a weight, an input or a layer's output."
            );
        }
        foreach (Symbol symbol in by)
        {
            ArgumentNullException.ThrowIfNull(symbol, nameof(by));
            string name = symbol.Producer.Op is ParameterOp { Weight: { } weight } ? weight.Path : symbol.ToString();
            if (symbol.Producer.Op is ParameterOp { Weight.Trainable: false })
            {
                throw new GraphException($"{name}: moving statistics have no gradient. Leave it out.");
            }
            if (!graph.Contains(symbol.Producer))
            {
                throw new GraphException($"{name}: the loss {loss} does not depend on it, so it has no gradient.");
            }
            if (!Reaches(graph, loss, graph.SlotOf(symbol.Producer)))
            {
                throw new GraphException(
                    $"{name}: no gradient of {loss} reaches it, as every path contains an op without a gradient, such as argmax or a comparison."
                );
            }
        }
    }

    private static bool Reaches(OpGraph graph, Symbol loss, int source)
    {
        var reached = new bool[graph.Nodes.Count];
        reached[source] = true;
        for (int slot = source + 1; slot < reached.Length; slot++)
        {
            reached[slot] = graph.Nodes[slot].Op.IsDifferentiable && graph.InputsOf(slot).Any(i => reached[i]);
        }
        return reached[graph.SlotOf(loss.Producer)];
    }
}
