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

    /// <summary>Returns the inputs that ops depend on, in the order in which they are read.</summary>
    public static Symbol[] InputsOf(OpGraph graph) =>
        [.. graph.Nodes.Where(n => n.Op is InputOp).Select(n => n.Output)];

    /// <summary>Throws unless the inputs are inputs, each once, and all that the ops depend on are among them.</summary>
    /// <exception cref="GraphException">An input is missing, repeated, or not an input.</exception>
    public static void RequireInputs(OpGraph graph, IReadOnlyList<Symbol> inputs)
    {
        HashSet<OpNode> given = [];
        foreach (Symbol input in inputs)
        {
            if (input?.Producer.Op is not InputOp || !given.Add(input.Producer))
            {
                throw new GraphException(
                    $"{input?.ToString() ?? "null"}: is not an input, or is among the inputs twice. Pass symbols that Input(…) returned."
                );
            }
        }
        if (InputsOf(graph).FirstOrDefault(i => !given.Contains(i.Producer)) is { } missing)
        {
            throw new GraphException($"{missing}: the loss depends on this input. Add it to the inputs.");
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
