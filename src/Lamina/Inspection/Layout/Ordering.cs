namespace Lamina.Inspection.Layout;

/// <summary>The second step of a layered drawing: an order of each rank's nodes with few crossings.</summary>
internal static class Ordering
{
    private const int Sweeps = 24;

    /// <summary>
    /// Orders every rank by the barycenters of its neighbors, sweeping down and up; keeps the best order found.
    /// </summary>
    public static void Order(List<List<LayerNode>> ranks)
    {
        Number(ranks);
        long best = Crossings(ranks);
        List<LayerNode[]> kept = [.. ranks.Select(r => r.ToArray())];
        for (int sweep = 0; sweep < Sweeps && best > 0; sweep++)
        {
            bool down = sweep % 2 == 0;
            for (int i = 1; i < ranks.Count; i++)
            {
                SortByBarycenter(ranks[down ? i : ranks.Count - 1 - i], down);
            }
            long crossings = Crossings(ranks);
            if (crossings < best)
            {
                best = crossings;
                kept = [.. ranks.Select(r => r.ToArray())];
            }
        }
        for (int i = 0; i < ranks.Count; i++)
        {
            ranks[i] = [.. kept[i]];
        }
        Number(ranks);
    }

    private static void Number(List<List<LayerNode>> ranks)
    {
        foreach (List<LayerNode> rank in ranks)
        {
            for (int i = 0; i < rank.Count; i++)
            {
                rank[i].Order = i;
            }
        }
    }

    private static void SortByBarycenter(List<LayerNode> rank, bool down)
    {
        Dictionary<LayerNode, double> keys = rank.ToDictionary(
            n => n,
            n =>
            {
                List<LayerLink> links = down ? n.In : n.Out;
                return links.Count == 0 ? n.Order : links.Average(l => Place(l, down));
            }
        );
        // The sort is stable, so equal nodes keep their order.
        LayerNode[] sorted = [.. rank.OrderBy(n => keys[n])];
        for (int i = 0; i < sorted.Length; i++)
        {
            rank[i] = sorted[i];
            rank[i].Order = i;
        }
    }

    /// <summary>
    /// Returns the position of a link's other end; the offset within the node distinguishes the ports of a frame.
    /// </summary>
    private static double Place(LayerLink link, bool down)
    {
        LayerNode node = down ? link.From : link.To;
        double offset = down ? link.FromOffset : link.ToOffset;
        return node.Order + (node.CrossSize > 0 ? offset / node.CrossSize : 0);
    }

    /// <summary>Returns the number of pairs of links that cross.</summary>
    internal static long Crossings(List<List<LayerNode>> ranks)
    {
        long count = 0;
        foreach (List<LayerNode> rank in ranks)
        {
            (double From, double To)[] ends =
            [
                .. rank.SelectMany(n => n.Out).Select(l => (Place(l, true), Place(l, false))),
            ];
            for (int i = 0; i < ends.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    count += (ends[i].From - ends[j].From) * (ends[i].To - ends[j].To) < 0 ? 1 : 0;
                }
            }
        }
        return count;
    }
}
