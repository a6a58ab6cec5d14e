using Histogram = Lamina.TensorBoardMessages.Histogram;

namespace Lamina;

/// <summary>Counts values in buckets of equal width.</summary>
internal static class Histograms
{
    /// <summary>Returns the histogram of the finite values; <see langword="null"/> if there is none.</summary>
    /// <param name="values">The values.</param>
    /// <param name="buckets">
    /// The number of buckets between the least and the greatest value; one if these are equal.
    /// </param>
    public static Histogram? Of(ReadOnlySpan<float> values, int buckets)
    {
        var result = new Histogram { Min = double.PositiveInfinity, Max = double.NegativeInfinity };
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                result.Min = Math.Min(result.Min, value);
                result.Max = Math.Max(result.Max, value);
                result.Num++;
                result.Sum += value;
                result.SumSquares += (double)value * value;
            }
        }
        if (result.Num == 0)
        {
            return null;
        }
        double width = (result.Max - result.Min) / buckets;
        int used = width > 0 ? buckets : 1;
        var counts = new double[used];
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                counts[width > 0 ? Math.Min((int)((value - result.Min) / width), used - 1) : 0]++;
            }
        }
        for (int i = 0; i < used; i++)
        {
            result.BucketLimit.Add(i == used - 1 ? result.Max : result.Min + (width * (i + 1)));
        }
        result.Bucket.AddRange(counts);
        return result;
    }
}
