namespace Lamina.Bench;

/// <summary>How much of the time of sums over ranks a rank computes meanwhile.</summary>
internal static class Overlap
{
    /// <summary>Returns the share, from 0 to 1.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="events">All events of the rank; kernels do not overlap each other.</param>
    public static double Share(IReadOnlyList<TraceEvent> sums, IEnumerable<TraceEvent> events)
    {
        TraceEvent[] kernels = [.. events.Where(e => e.Tid == RankTrace.ComputeRow)];
        double all = sums.Sum(s => s.Dur);
        double hidden = sums.Sum(s => kernels.Sum(k => Math.Max(0, Math.Min(s.End, k.End) - Math.Max(s.Ts, k.Ts))));
        return all == 0 ? 1 : hidden / all;
    }
}
