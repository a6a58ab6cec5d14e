namespace Lamina.Quantization;

/// <summary>Chooses ranges from histograms.</summary>
internal static class RangeChoice
{
    // The interval, in histogram bins, at which the entropy method tries ends of the range.
    private const int EntropyStep = 16;
    private const int ValuesPerBin = 16;

    // If many values are equal (a plain background), any range with a separate level for them looks best, however much
    // it clips.
    private const double MostCut = 1e-3;
    private const double Smallest = 1e-12;

    /// <summary>Returns a range from the values above 0 and those below.</summary>
    /// <param name="above">The values of at least 0.</param>
    /// <param name="below">The values below 0, by magnitude.</param>
    /// <param name="method">The method.</param>
    /// <param name="percentile">The percentage, for <see cref="QuantizationMethod.Percentile"/>.</param>
    public static ValueRange Of(Histogram above, Histogram below, QuantizationMethod method, double percentile)
    {
        var all = new ValueRange(-below.Largest, above.Largest);
        switch (method)
        {
            case QuantizationMethod.Percentile:
            {
                double share = 1 - (percentile / 100);
                long total = above.Total + below.Total;
                // The two tails share the values that are clipped.
                double tail = share * total / (below.Total > 0 ? 2 : 1);
                return new ValueRange(
                    -Math.Min(EndBefore(below, tail), below.Largest),
                    Math.Min(EndBefore(above, tail), above.Largest)
                );
            }
            case QuantizationMethod.Entropy:
            {
                bool signed = below.Total > 0;
                double end =
                    Entropy(signed ? Magnitudes(above, below) : above.Counts, signed ? 128 : 256)
                    * Math.Max(above.Width, below.Width);
                return new ValueRange(Math.Max(all.Min, -end), Math.Min(all.Max, end));
            }
            default:
                return all;
        }
    }

    /// <summary>Returns the least end beyond which there are no more values than this.</summary>
    private static double EndBefore(Histogram histogram, double tail) =>
        BinsBefore(histogram.Counts, tail) * histogram.Width;

    private static int EndBefore(ReadOnlySpan<long> bins, double share)
    {
        long total = 0;
        foreach (long count in bins)
        {
            total += count;
        }
        return BinsBefore(bins, share * total);
    }

    private static int BinsBefore(ReadOnlySpan<long> bins, double tail)
    {
        double beyond = 0;
        for (int i = bins.Length - 1; i >= 0; i--)
        {
            beyond += bins[i];
            if (beyond > tail)
            {
                return i + 1;
            }
        }
        return 0;
    }

    private static ReadOnlySpan<long> Magnitudes(Histogram above, Histogram below)
    {
        double width = Math.Max(above.Width, below.Width);
        var counts = new long[Histogram.Bins];
        foreach (Histogram side in (Histogram[])[above, below])
        {
            for (int i = 0; i < Histogram.Bins; i++)
            {
                int bin = width > 0 ? (int)((i + 0.5) * side.Width / width) : 0;
                counts[Math.Min(bin, Histogram.Bins - 1)] += side.Counts[i];
            }
        }
        return counts;
    }

    /// <summary>Returns the number of bins to keep so that this number of levels preserves most information.</summary>
    public static int Entropy(ReadOnlySpan<long> counts, int levels)
    {
        int used = counts.Length;
        while (used > 0 && counts[used - 1] == 0)
        {
            used--;
        }
        long values = 0;
        foreach (long count in counts[Math.Min(1, used)..used])
        {
            values += count;
        }
        // Bins with very few values look like divergence, so fewer values get wider bins.
        int width = 1;
        while (values < (long)ValuesPerBin * (used / width) && used / width > levels)
        {
            width *= 2;
        }
        if (used / width <= levels)
        {
            return used;
        }
        var bins = new long[(used + width - 1) / width];
        for (int i = 0; i < used; i++)
        {
            bins[i / width] += counts[i];
        }
        return Math.Min(Kept(bins, levels) * width, used);
    }

    private static int Kept(long[] bins, int levels)
    {
        int used = bins.Length;
        // Exact zeros keep their byte in any range; otherwise the zeros after a ReLU would outweigh all other values.
        bins[0] = bins[1];
        double best = double.PositiveInfinity;
        int kept = used;
        for (int end = Math.Max(levels, EndBefore(bins, MostCut)); ; end = Math.Min(end + EntropyStep, used))
        {
            double divergence = Divergence(bins, end, levels);
            if (divergence < best)
            {
                (best, kept) = (divergence, end);
            }
            if (end == used)
            {
                return kept;
            }
        }
    }

    /// <summary>
    /// Returns the KL divergence between a histogram clipped at <paramref name="end"/> and what the levels preserve of
    /// it.
    /// </summary>
    private static double Divergence(long[] bins, int end, int levels)
    {
        double beyond = 0;
        for (int i = end; i < bins.Length; i++)
        {
            beyond += bins[i];
        }
        double total = beyond;
        double coded = 0;
        for (int i = 0; i < end; i++)
        {
            total += bins[i];
            coded += bins[i];
        }
        if (coded == 0)
        {
            return double.PositiveInfinity;
        }
        double divergence = 0;
        for (int level = 0; level < levels; level++)
        {
            int from = (int)((long)level * end / levels);
            int to = (int)((long)(level + 1) * end / levels);
            double sum = 0;
            int filled = 0;
            for (int i = from; i < to; i++)
            {
                sum += bins[i];
                filled += bins[i] > 0 ? 1 : 0;
            }
            for (int i = from; i < to; i++)
            {
                // Values beyond the end are clipped to it.
                double p = (bins[i] + (i == end - 1 ? beyond : 0)) / total;
                double q = bins[i] > 0 ? sum / filled / coded : 0;
                divergence += p > 0 ? p * Math.Log(p / Math.Max(q, Smallest)) : 0;
            }
        }
        return divergence;
    }
}
