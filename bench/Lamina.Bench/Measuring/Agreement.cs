namespace Lamina.Bench;

/// <summary>How far the results of two programs lie apart.</summary>
internal static class Agreement
{
    /// <summary>The most that outputs in float32 may differ, relative.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>The norm of the difference over the norm of what is expected; infinite where one is no number.</summary>
    public static double Distance(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        if (expected.Length != actual.Length)
        {
            return double.PositiveInfinity;
        }
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            norm += expected[i] * expected[i];
        }
        double distance = Math.Sqrt(difference / norm);
        return double.IsNaN(distance) ? double.PositiveInfinity : distance;
    }

    /// <summary>
    /// Logits told from their softmax: each row's log-probabilities less their mean, for a softmax does not show what is
    /// added to all of a row. Probabilities of many classes are alike even where logits are not, and say too little.
    /// </summary>
    public static double[] Logits(ReadOnlySpan<float> probabilities, int classes)
    {
        var logits = new double[probabilities.Length];
        for (int row = 0; row < logits.Length; row += classes)
        {
            double mean = 0;
            for (int c = row; c < row + classes; c++)
            {
                logits[c] = Math.Log(Math.Max(probabilities[c], float.Epsilon));
                mean += logits[c] / classes;
            }
            for (int c = row; c < row + classes; c++)
            {
                logits[c] -= mean;
            }
        }
        return logits;
    }
}
