namespace Lamina.Inspection.Layout;

/// <summary>The third step of a layered drawing: positions with nearly straight arrows and no overlaps.</summary>
internal static class Placement
{
    private const double NodeGap = 20;
    private const double RankGap = 36;
    private const double PortGap = 10;
    private const int FirstRounds = 4;
    private const int LastRounds = 150;

    // Successive over-relaxation: moving one rank at a time converges slowly if whole chains must move.
    private const double Relaxation = 1.7;

    /// <summary>Places all nodes; the least position is 0 along both axes. Returns the extents.</summary>
    public static (double Cross, double Main) Place(List<List<LayerNode>> ranks)
    {
        double main = PlaceAlong(ranks);
        foreach (List<LayerNode> rank in ranks)
        {
            Settle(rank, [.. rank.Select(_ => 0.0)], [.. rank.Select(_ => 1.0)]);
        }
        for (int round = 0; round < FirstRounds; round++)
        {
            Sweep(ranks, n => n.In, relaxation: 1);
            Sweep(Enumerable.Reverse(ranks), n => n.Out, relaxation: 1);
        }
        for (int round = 0; round < LastRounds; round++)
        {
            Sweep(round % 2 == 0 ? ranks : Enumerable.Reverse(ranks), n => [.. n.In, .. n.Out], Relaxation);
        }

        double low = ranks.SelectMany(r => r).Min(n => n.Cross - n.CrossSize / 2);
        double high = ranks.SelectMany(r => r).Max(n => n.Cross + n.CrossSize / 2);
        foreach (LayerNode node in ranks.SelectMany(r => r))
        {
            node.Cross -= low;
        }
        return (high - low, main);
    }

    private static double PlaceAlong(List<List<LayerNode>> ranks)
    {
        double at = 0;
        for (int i = 0; i < ranks.Count; i++)
        {
            if (i > 0)
            {
                at += IsPorts(ranks[i]) || IsPorts(ranks[i - 1]) ? PortGap : RankGap;
            }
            double height = ranks[i].Max(n => n.MainSize);
            foreach (LayerNode node in ranks[i])
            {
                node.Main = at + (height - node.MainSize) / 2;
            }
            at += height;
        }
        return at;
    }

    private static bool IsPorts(List<LayerNode> rank) => rank.All(n => n.Kind is NodeKind.Entry or NodeKind.Exit);

    private static void Sweep(
        IEnumerable<List<LayerNode>> ranks,
        Func<LayerNode, List<LayerLink>> linksOf,
        double relaxation
    )
    {
        foreach (List<LayerNode> rank in ranks)
        {
            var wanted = new double[rank.Count];
            var weights = new double[rank.Count];
            for (int i = 0; i < rank.Count; i++)
            {
                (double wish, weights[i]) = Wish(rank[i], linksOf(rank[i]));
                wanted[i] = rank[i].Cross + relaxation * (wish - rank[i].Cross);
            }
            Settle(rank, wanted, weights);
        }
    }

    /// <summary>Returns the weighted position at which a node's links would be straightest.</summary>
    private static (double Wanted, double Weight) Wish(LayerNode node, List<LayerLink> links)
    {
        (double sum, double weight) = (0, 0);
        foreach (LayerLink link in links)
        {
            double target = ReferenceEquals(link.To, node)
                ? link.From.Cross + link.FromOffset - link.ToOffset
                : link.To.Cross + link.ToOffset - link.FromOffset;
            sum += target * link.Weight;
            weight += link.Weight;
        }
        // A node without links on this side keeps its position, but gives way.
        return weight == 0 ? (node.Cross, 0.01) : (sum / weight, weight);
    }

    /// <summary>
    /// Finds the positions nearest to the wanted ones, in weighted least squares, that keep the order and the gaps.
    /// Isotonic regression, pooling neighbors that would overlap.
    /// </summary>
    private static void Settle(List<LayerNode> rank, double[] wanted, double[] weights)
    {
        var starts = new double[rank.Count];
        for (int i = 1; i < rank.Count; i++)
        {
            starts[i] = starts[i - 1] + (rank[i - 1].CrossSize + rank[i].CrossSize) / 2 + NodeGap;
        }
        var pools = new Stack<(double Mean, double Weight, int Count)>();
        for (int i = 0; i < rank.Count; i++)
        {
            (double mean, double weight, int count) = (wanted[i] - starts[i], weights[i], 1);
            while (pools.TryPeek(out var before) && before.Mean >= mean)
            {
                pools.Pop();
                mean = (mean * weight + before.Mean * before.Weight) / (weight + before.Weight);
                weight += before.Weight;
                count += before.Count;
            }
            pools.Push((mean, weight, count));
        }
        int index = rank.Count;
        foreach ((double mean, _, int count) in pools)
        {
            for (int k = 0; k < count; k++)
            {
                index--;
                rank[index].Cross = mean + starts[index];
            }
        }
    }
}
