namespace Lamina.Inspect;

/// <summary>The softmax of scores on the host, summed in float64.</summary>
internal static class Softmax
{
    /// <summary>Replaces the scores of one image by probabilities.</summary>
    /// <param name="scores">The scores of all classes.</param>
    /// <param name="temperature">The divisor of the scores, above 0. Default: 1.</param>
    public static void InPlace(Span<float> scores, double temperature = 1)
    {
        double max = double.NegativeInfinity;
        foreach (float score in scores)
        {
            max = Math.Max(max, score);
        }
        double sum = 0;
        foreach (float score in scores)
        {
            sum += Math.Exp((score - max) / temperature);
        }
        foreach (ref float score in scores)
        {
            score = (float)(Math.Exp((score - max) / temperature) / sum);
        }
    }

    /// <summary>Returns the index of the largest score; the first of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }
}
