namespace Lamina.Inspection.Layout;

/// <summary>The first step of a layered drawing: a rank for each node, and bends where arrows pass ranks.</summary>
internal static class Ranking
{
    /// <summary>
    /// Ranks the nodes by the longest path to them and links neighbors. Returns the nodes of each rank.
    /// </summary>
    public static List<List<LayerNode>> Rank(List<LayerNode> nodes, List<Route> routes)
    {
        BreakCycles(nodes, routes);
        List<LayerNode> order = Topological(nodes, routes);
        ILookup<LayerNode, Route> ins = routes.ToLookup(r => r.Lower);
        ILookup<LayerNode, Route> outs = routes.ToLookup(r => r.Upper);

        // Entries and exits of a frame have their own ranks, before and after all boxes.
        int first = nodes.Any(n => n.Kind == NodeKind.Entry) ? 1 : 0;
        foreach (LayerNode node in order.Where(n => n.Kind == NodeKind.Real))
        {
            node.Rank = ins[node].Select(r => r.Upper.Rank + 1).Append(first).Max();
        }
        int last = order.Where(n => n.Kind == NodeKind.Real).Max(n => n.Rank);
        LayerNode[] exits = [.. nodes.Where(n => n.Kind == NodeKind.Exit)];
        foreach (LayerNode exit in exits)
        {
            exit.Rank = last + 1;
        }
        last += exits.Length > 0 ? 1 : 0;
        // An input that is read late is placed near its reader, where its arrow is short.
        foreach (LayerNode node in Enumerable.Reverse(order))
        {
            int readers = outs[node].Count();
            if (node.Kind == NodeKind.Real && readers > 0 && ins[node].Count() < readers)
            {
                node.Rank = outs[node].Min(r => r.Lower.Rank) - 1;
            }
        }

        var ranks = new List<List<LayerNode>>();
        for (int i = 0; i <= last; i++)
        {
            ranks.Add([]);
        }
        foreach (LayerNode node in nodes)
        {
            ranks[node.Rank].Add(node);
        }
        foreach (Route route in routes)
        {
            Link(route, ranks);
        }
        return ranks;
    }

    /// <summary>Reverses the arrows that close cycles, found by depth-first search.</summary>
    private static void BreakCycles(List<LayerNode> nodes, List<Route> routes)
    {
        ILookup<LayerNode, Route> outs = routes.ToLookup(r => r.From);
        var state = new Dictionary<LayerNode, bool>();
        foreach (LayerNode root in nodes)
        {
            if (state.ContainsKey(root))
            {
                continue;
            }
            // An explicit stack, because models may be thousands of layers deep.
            var stack = new Stack<(LayerNode Node, IEnumerator<Route> Pending)>();
            state[root] = false;
            stack.Push((root, outs[root].GetEnumerator()));
            while (stack.TryPeek(out var top))
            {
                if (!top.Pending.MoveNext())
                {
                    state[top.Node] = true;
                    stack.Pop();
                    continue;
                }
                Route route = top.Pending.Current;
                if (!state.TryGetValue(route.To, out bool isDone))
                {
                    state[route.To] = false;
                    stack.Push((route.To, outs[route.To].GetEnumerator()));
                }
                else if (!isDone)
                {
                    route.IsReversed = true;
                }
            }
        }
    }

    private static List<LayerNode> Topological(List<LayerNode> nodes, List<Route> routes)
    {
        ILookup<LayerNode, Route> outs = routes.ToLookup(r => r.Upper);
        Dictionary<LayerNode, int> waiting = nodes.ToDictionary(n => n, _ => 0);
        foreach (Route route in routes)
        {
            waiting[route.Lower]++;
        }
        var order = new List<LayerNode>();
        var ready = new Queue<LayerNode>(nodes.Where(n => waiting[n] == 0));
        while (ready.TryDequeue(out LayerNode? node))
        {
            order.Add(node);
            foreach (Route route in outs[node])
            {
                if (--waiting[route.Lower] == 0)
                {
                    ready.Enqueue(route.Lower);
                }
            }
        }
        return order;
    }

    private static void Link(Route route, List<List<LayerNode>> ranks)
    {
        LayerNode from = route.Upper;
        double offset = route.UpperOffset + Aside(route.Upper, route);
        for (int rank = route.Upper.Rank + 1; rank <= route.Lower.Rank; rank++)
        {
            bool isLast = rank == route.Lower.Rank;
            LayerNode to = isLast ? route.Lower : new LayerNode(NodeKind.Bend, 0, 0) { Rank = rank };
            var link = new LayerLink(from, offset, to, isLast ? route.LowerOffset + Aside(to, route) : 0);
            if (!isLast)
            {
                ranks[rank].Add(to);
            }
            from.Out.Add(link);
            to.In.Add(link);
            route.Links.Add(link);
            (from, offset) = (to, 0);
        }
    }

    /// <summary>
    /// Returns the distance that keeps the return arrow of a shared layer's cycle clear of the forward arrow.
    /// </summary>
    private static double Aside(LayerNode node, Route route) => route.IsReversed && !node.IsFrame ? 24 : 0;
}
