namespace Lamina;

/// <summary>Records the gradient of a symbol as ops, by reverse accumulation over the ops between it and its sources.</summary>
internal static class GradientWalk
{
    /// <summary>Records the gradients of the sum of a symbol's elements.</summary>
    /// <param name="of">The symbol.</param>
    /// <param name="by">The symbols by which it is differentiated: those that it depends on.</param>
    /// <exception cref="GraphException">A gradient does not reach a symbol, or an op has no gradient in ops.</exception>
    public static Symbol[] Record(Symbol of, IReadOnlyList<Symbol> by)
    {
        List<OpNode> order = Order(of.Producer);
        HashSet<OpNode> sources = [.. by.Select(s => s.Producer)];
        HashSet<OpNode> varying = Varying(order, sources);
        Dictionary<OpNode, Symbol> gradients = [];
        if (varying.Contains(of.Producer))
        {
            gradients[of.Producer] = GradientShapes.Ones(Alone(of));
        }
        for (int i = order.Count - 1; i >= 0; i--)
        {
            if (gradients.TryGetValue(order[i], out Symbol? gradient))
            {
                Pass(order[i], gradient, varying, sources, gradients);
            }
        }
        return
        [
            .. by.Select(s =>
                gradients.GetValueOrDefault(s.Producer) ?? throw new GraphException(Unreached(of, s, order))
            ),
        ];
    }

    /// <summary>Returns the same tensor as a symbol that no layer made.</summary>
    public static Symbol Alone(Symbol symbol) => new(symbol.Shape, symbol.Producer);

    private static string Unreached(Symbol of, Symbol by, List<OpNode> order)
    {
        string name = by.Producer.Op is ParameterOp { Weight: { } weight } ? weight.Path : by.ToString();
        return order.Contains(by.Producer)
            ? $"{name}: no gradient of {of} reaches it, as every path contains an op without a gradient, such as argmax or a comparison."
            : $"{name}: {of} does not depend on it, so it has no gradient.";
    }

    private static void Pass(
        OpNode node,
        Symbol gradient,
        HashSet<OpNode> varying,
        HashSet<OpNode> sources,
        Dictionary<OpNode, Symbol> gradients
    )
    {
        // From the logits, as plans compute it: the probability may round to 0.
        OpNode? softmax = node is { Op: UnaryOp { Kind: UnaryKind.Log }, Inputs: [{ Producer: { Op: SoftmaxOp } p }] }
            ? p
            : null;
        bool isLogSoftmax = softmax is not null && !sources.Contains(softmax);
        IReadOnlyList<Symbol> inputs = isLogSoftmax ? softmax!.Inputs : node.Inputs;
        bool[] wanted = [.. inputs.Select(i => varying.Contains(i.Producer))];
        if (!wanted.Contains(true))
        {
            return;
        }
        Symbol?[] parts = isLogSoftmax
            ? [ElementGradients.LogSoftmax(Alone(inputs[0]), gradient)]
            : GradientRules.Of(node, gradient, wanted);
        for (int i = 0; i < parts.Length; i++)
        {
            if (wanted[i] && parts[i] is { } part)
            {
                OpNode source = inputs[i].Producer;
                gradients[source] = gradients.TryGetValue(source, out Symbol? sum) ? sum + part : part;
            }
        }
    }

    private static HashSet<OpNode> Varying(List<OpNode> order, HashSet<OpNode> sources)
    {
        HashSet<OpNode> varying = [];
        foreach (OpNode node in order)
        {
            bool passes = node.Op.IsDifferentiable && node.Inputs.Any(i => varying.Contains(i.Producer));
            if (passes || sources.Contains(node))
            {
                varying.Add(node);
            }
        }
        return varying;
    }

    // Inputs before the ops that read them.
    private static List<OpNode> Order(OpNode last)
    {
        List<OpNode> order = [];
        HashSet<OpNode> done = [];
        Stack<(OpNode Node, int Next)> open = new([(last, 0)]);
        while (open.TryPop(out (OpNode Node, int Next) top))
        {
            if (done.Contains(top.Node))
            {
                continue;
            }
            if (top.Next == top.Node.Inputs.Count)
            {
                done.Add(top.Node);
                order.Add(top.Node);
                continue;
            }
            open.Push((top.Node, top.Next + 1));
            open.Push((top.Node.Inputs[top.Next].Producer, 0));
        }
        return order;
    }
}
