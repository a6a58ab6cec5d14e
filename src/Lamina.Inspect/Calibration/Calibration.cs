namespace Lamina.Inspect;

/// <summary>The predictions of one range of confidence.</summary>
/// <param name="Low">The lower end of the range, excluded except 0.</param>
/// <param name="High">The upper end of the range, included.</param>
/// <param name="Count">The number of predictions.</param>
/// <param name="Confidence">Their mean confidence; 0 for none.</param>
/// <param name="Accuracy">The share of them that is right; 0 for none.</param>
public readonly record struct ReliabilityBin(double Low, double High, int Count, double Confidence, double Accuracy);

/// <summary>The match of the confidence of predictions with how often they are right (Guo et al., 2017).</summary>
/// <param name="Bins">The ranges of confidence, of equal width.</param>
/// <param name="Loss">The mean of −log of the true class's probability.</param>
/// <param name="Accuracy">The share of right predictions.</param>
public sealed record Calibration(IReadOnlyList<ReliabilityBin> Bins, double Loss, double Accuracy)
{
    /// <summary>The number of predictions.</summary>
    public int Count => Bins.Sum(b => b.Count);

    /// <summary>The mean confidence.</summary>
    public double Confidence => Bins.Sum(b => b.Count * b.Confidence) / Count;

    /// <summary>
    /// The expected calibration error: the mean gap between confidence and accuracy, weighted by the predictions of a bin.
    /// </summary>
    public double ExpectedError => Bins.Sum(b => b.Count * Math.Abs(b.Confidence - b.Accuracy)) / Count;

    /// <summary>The largest gap of a bin.</summary>
    public double LargestError => Bins.Where(b => b.Count > 0).Max(b => Math.Abs(b.Confidence - b.Accuracy));

    /// <summary>Measures the calibration of scores.</summary>
    /// <param name="scores">The scores before the softmax, (N, classes).</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="temperature">The divisor of the scores, above 0. Default: 1.</param>
    /// <param name="bins">The number of ranges, at least 1. Default: 15, as in the paper.</param>
    /// <exception cref="ShapeException">The scores do not fit the labels, or are none.</exception>
    public static Calibration Of(NDArray scores, IReadOnlyList<int> labels, double temperature = 1, int bins = 15)
    {
        Require(scores, labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var counts = new int[bins];
        var confidences = new double[bins];
        var right = new int[bins];
        double loss = 0;
        for (int i = 0; i < labels.Count; i++)
        {
            ReadOnlySpan<float> row = scores.Samples(i, 1).Values;
            int best = Softmax.ArgMax(row);
            double logSum = LogSum(row, temperature);
            double confidence = Math.Exp((row[best] / temperature) - logSum);
            loss += logSum - (row[labels[i]] / temperature);
            int bin = Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
            counts[bin]++;
            confidences[bin] += confidence;
            right[bin] += best == labels[i] ? 1 : 0;
        }
        return new Calibration(
            [
                .. Enumerable
                    .Range(0, bins)
                    .Select(b => new ReliabilityBin(
                        (double)b / bins,
                        (b + 1.0) / bins,
                        counts[b],
                        counts[b] == 0 ? 0 : confidences[b] / counts[b],
                        counts[b] == 0 ? 0 : (double)right[b] / counts[b]
                    )),
            ],
            loss / labels.Count,
            (double)right.Sum() / labels.Count
        );
    }

    /// <summary>
    /// Finds the temperature with the smallest loss: the scores divided by it are as confident as they should be, and the
    /// most probable class stays the same.
    /// </summary>
    /// <param name="scores">The scores before the softmax, (N, classes), of images that were not trained on.</param>
    /// <param name="labels">The class of each.</param>
    /// <returns>From 0.05 to 20; 1 is calibrated already.</returns>
    /// <exception cref="ShapeException">The scores do not fit the labels, or are none.</exception>
    public static double FitTemperature(NDArray scores, IReadOnlyList<int> labels)
    {
        Require(scores, labels);
        // The loss is convex in the inverse temperature, so the root of its slope is found by halving.
        (double low, double high) = (1 / 20.0, 20.0);
        for (int i = 0; i < 60; i++)
        {
            double middle = Math.Sqrt(low * high);
            (low, high) = Slope(scores, labels, middle) > 0 ? (low, middle) : (middle, high);
        }
        return 1 / Math.Sqrt(low * high);
    }

    // The derivative of the loss by the inverse temperature: the expected score less the true class's.
    private static double Slope(NDArray scores, IReadOnlyList<int> labels, double inverse)
    {
        double slope = 0;
        for (int i = 0; i < labels.Count; i++)
        {
            ReadOnlySpan<float> row = scores.Samples(i, 1).Values;
            double logSum = LogSum(row, 1 / inverse);
            foreach (float score in row)
            {
                slope += Math.Exp((score * inverse) - logSum) * (score - (double)row[labels[i]]);
            }
        }
        return slope;
    }

    private static double LogSum(ReadOnlySpan<float> row, double temperature)
    {
        double max = row[Softmax.ArgMax(row)] / temperature;
        double sum = 0;
        foreach (float score in row)
        {
            sum += Math.Exp((score / temperature) - max);
        }
        return max + Math.Log(sum);
    }

    private static void Require(NDArray scores, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(labels);
        if (scores.Shape.Rank != 2 || scores.Count != labels.Count || labels.Any(l => l < 0 || l >= scores.Shape[1]))
        {
            throw new ShapeException($"{labels.Count} labels do not fit scores {scores.Shape}.");
        }
    }
}
