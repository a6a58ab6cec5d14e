namespace Lamina.Bench;

/// <summary>How far the results of two programs lie apart.</summary>
internal static class Agreement
{
    /// <summary>The most that float32 results may differ, relative.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>
    /// The relative distance of two lots of logits, told from their softmax: rows of log-probabilities less their mean, which
    /// a softmax does not show, over the norm of the first's.
    /// </summary>
    public static double OfProbabilities(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, int classes)
    {
        if (expected.Length != actual.Length)
        {
            return double.PositiveInfinity;
        }
        double difference = 0;
        double norm = 0;
        for (int row = 0; row < expected.Length; row += classes)
        {
            double[] e = Centered(expected.Slice(row, classes));
            double[] a = Centered(actual.Slice(row, classes));
            for (int c = 0; c < classes; c++)
            {
                difference += (e[c] - a[c]) * (e[c] - a[c]);
                norm += e[c] * e[c];
            }
        }
        return double.IsNaN(difference) ? double.PositiveInfinity : Math.Sqrt(difference / norm);
    }

    private static double[] Centered(ReadOnlySpan<float> probabilities)
    {
        var logs = new double[probabilities.Length];
        for (int c = 0; c < logs.Length; c++)
        {
            logs[c] = Math.Log(Math.Max(probabilities[c], float.Epsilon));
        }
        double mean = logs.Average();
        return [.. logs.Select(l => l - mean)];
    }
}
