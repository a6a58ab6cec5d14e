namespace Lamina.Torch.Kernels;

/// <summary>
/// The mean and variance of each channel over all rows of several batches, kept in the tensors of batch normalization's
/// stored statistics. The values before the first batch do not count.
/// </summary>
/// <remarks>
/// Batches are merged by the rule of Chan, Golub &amp; LeVeque (1979), so the result equals that of all rows at once,
/// for any batches. A layer that is applied several times uses the rows of all its applications.
/// </remarks>
internal sealed class StatisticsEstimate
{
    private const int MostOnStack = 1024;

    // A stored mean belongs to one layer.
    private readonly Dictionary<Tensor, long> _rows = [];

    /// <summary>Adds a batch.</summary>
    /// <param name="storedMean">The layer's stored means, (C), changed in place.</param>
    /// <param name="storedVariance">The layer's stored variances, (C), changed in place.</param>
    /// <param name="mean">The batch's means.</param>
    /// <param name="variance">The batch's variances, divided by the number of rows.</param>
    /// <param name="rows">The number of values per channel in the batch.</param>
    /// <param name="unbiased">
    /// <see langword="true"/> to divide the stored variance by the number of rows less one.
    /// </param>
    public void Add(
        Tensor storedMean,
        Tensor storedVariance,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> variance,
        long rows,
        bool unbiased
    )
    {
        if (rows == 0)
        {
            return;
        }
        long before = _rows.GetValueOrDefault(storedMean);
        long total = before + rows;
        _rows[storedMean] = total;
        double share = (double)rows / total;
        double toBiased = Bessel(before, unbiased);
        double fromBiased = Bessel(total, unbiased);
        int channels = mean.Length;
        Span<float> means = channels <= MostOnStack ? stackalloc float[channels] : new float[channels];
        Span<float> variances = channels <= MostOnStack ? stackalloc float[channels] : new float[channels];
        storedMean.CopyTo(means);
        storedVariance.CopyTo(variances);
        for (int c = 0; c < channels; c++)
        {
            double oldMean = before == 0 ? 0 : means[c];
            double oldVariance = before == 0 ? 0 : variances[c] / toBiased;
            double distance = mean[c] - oldMean;
            double merged =
                before == 0
                    ? variance[c]
                    : (oldVariance * (1 - share)) + (variance[c] * share) + (distance * distance * share * (1 - share));
            means[c] = (float)(oldMean + (distance * share));
            variances[c] = (float)(merged * fromBiased);
        }
        storedMean.CopyFrom(means);
        storedVariance.CopyFrom(variances);
    }

    /// <summary>Adds a batch whose statistics are in tensors on any device.</summary>
    /// <param name="shared">The ranks that have other rows of the batch; <see langword="null"/> for none.</param>
    /// <param name="inputs">The inputs of batch normalization: the images, the stored means and variances.</param>
    /// <param name="mean">The means of the rows that are here.</param>
    /// <param name="variance">Their variances.</param>
    /// <param name="unbiased"><see langword="true"/> to divide the stored variance by the number of rows less one.</param>
    public void Add(SharedStatistics? shared, ReadOnlySpan<Tensor> inputs, Tensor mean, Tensor variance, bool unbiased)
    {
        long rows = inputs[0].Count / mean.Count;
        double[] means = ToDoubles(mean);
        double[] variances = ToDoubles(variance);
        if (shared is not null)
        {
            var stored = new float[means.Length];
            inputs[1].CopyTo(stored);
            rows = shared.Merge(means, variances, rows, stored);
        }
        Add(inputs[1], inputs[2], means, variances, rows, unbiased);
    }

    private static double[] ToDoubles(Tensor tensor)
    {
        var values = new float[tensor.Count];
        tensor.CopyTo(values);
        return Array.ConvertAll(values, v => (double)v);
    }

    // One row has no unbiased variance.
    private static double Bessel(long rows, bool unbiased) => unbiased && rows > 1 ? rows / (rows - 1.0) : 1;
}
