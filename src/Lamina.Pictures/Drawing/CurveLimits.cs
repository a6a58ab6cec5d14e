namespace Lamina.Drawing;

/// <summary>The range of an axis.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="IsCut"><see langword="true"/> if some values lie above it.</param>
internal readonly record struct CurveLimits(double Low, double High, bool IsCut)
{
    private const int MedianRadius = 2;
    private const int FewestToJudge = 4;

    // A steep initial descent keeps its first value; a spike that would flatten everything else does not.
    private const double MostStretch = 2.5;
    private const double Margin = 0.08;

    /// <summary>
    /// Returns the range of curves. If spikes would more than double the range that the curves have after a running median over
    /// five epochs, the axis ends just above that range.
    /// </summary>
    public static CurveLimits Of(IReadOnlyList<CurveSeries> series)
    {
        double[] all = [.. series.SelectMany(s => s.Finite)];
        if (all.Length == 0)
        {
            return new(0, 1, false);
        }
        (double low, double high) = (all.Min(), all.Max());
        double[] smooth = [.. series.SelectMany(Smooth)];
        double calm = smooth.Max() - low;
        bool isCut = calm > 0 && high - low > MostStretch * calm;
        high = isCut ? low + (calm * (1 + (2 * Margin))) : high;
        double margin = high > low ? Margin * (high - low) : Math.Max(Math.Abs(high) * 0.1, 1e-6);
        return new(low - margin, high + margin, isCut);
    }

    /// <summary>Returns the running median of the values; the values themselves if spikes must not be cut.</summary>
    private static IEnumerable<double> Smooth(CurveSeries series)
    {
        double[] values = [.. series.Finite];
        if (!series.MayLeaveAxis || values.Length < FewestToJudge)
        {
            return values;
        }
        return Enumerable
            .Range(0, values.Length)
            .Select(i =>
            {
                int begin = Math.Max(0, i - MedianRadius);
                int end = Math.Min(values.Length, i + MedianRadius + 1);
                double[] near = [.. values[begin..end].Order()];
                return near[near.Length / 2];
            });
    }
}
