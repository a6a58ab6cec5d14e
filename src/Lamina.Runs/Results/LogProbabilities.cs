namespace Lamina.Runs.Results;

/// <summary>Computes log-probabilities of classes from logits in float64.</summary>
internal static class LogProbabilities
{
    /// <summary>Computes the log of the mean softmax over the crops of an image.</summary>
    /// <param name="logits">The logits, one row of classes for each crop.</param>
    /// <param name="result">Receives one value per class.</param>
    public static void Of(ReadOnlySpan<float> logits, Span<double> result)
    {
        int classes = result.Length;
        int crops = logits.Length / classes;
        result.Fill(double.NegativeInfinity);
        for (int crop = 0; crop < crops; crop++)
        {
            ReadOnlySpan<float> row = logits.Slice(crop * classes, classes);
            double total = LogSumExp(row);
            for (int c = 0; c < classes; c++)
            {
                result[c] = LogSum(result[c], row[c] - total);
            }
        }
        double share = Math.Log(crops);
        foreach (ref double value in result)
        {
            value -= share;
        }
    }

    private static double LogSumExp(ReadOnlySpan<float> row)
    {
        double largest = row[Classifier.ArgMax(row)];
        double sum = 0;
        foreach (float logit in row)
        {
            sum += Math.Exp(logit - largest);
        }
        return largest + Math.Log(sum);
    }

    /// <summary>Computes log(exp(a) + exp(b)); propagates NaN.</summary>
    private static double LogSum(double a, double b)
    {
        double larger = Math.Max(a, b);
        return double.IsNegativeInfinity(larger)
            ? larger
            : larger + Math.Log(Math.Exp(a - larger) + Math.Exp(b - larger));
    }
}
