namespace Lamina.Torch.Kernels;

/// <summary>The statistics of a batch whose rows are on several ranks.</summary>
/// <param name="communicator">The ranks.</param>
/// <param name="synchronizes">
/// <see langword="true"/> to normalize by the whole batch; <see langword="false"/> by each rank's own rows.
/// </param>
/// <param name="counts"><see langword="false"/> if this rank's rows only fill its part, and do not count.</param>
internal sealed class SharedStatistics(ICommunicator communicator, bool synchronizes, bool counts)
{
    /// <summary><see langword="true"/> to normalize by the whole batch.</summary>
    public bool Synchronizes => synchronizes;

    /// <summary>Replaces the statistics of this rank's rows by those of all ranks'.</summary>
    /// <param name="mean">The means, (C).</param>
    /// <param name="variance">The variances, (C), divided by the number of rows.</param>
    /// <param name="rows">The number of this rank's rows.</param>
    /// <param name="stored">
    /// The stored means, equal on all ranks: sums are of distances from them, so that a mean far from 0 costs no precision.
    /// </param>
    /// <returns>The number of rows of all ranks.</returns>
    public long Merge(Span<double> mean, Span<double> variance, long rows, ReadOnlySpan<float> stored)
    {
        int channels = mean.Length;
        double counted = counts ? rows : 0;
        var sums = new double[(2 * channels) + 1];
        sums[^1] = counted;
        for (int c = 0; c < channels && counts; c++)
        {
            double distance = mean[c] - stored[c];
            sums[c] = counted * distance;
            sums[channels + c] = counted * (variance[c] + (distance * distance));
        }
        communicator.AllReduce(sums);
        double total = sums[^1];
        for (int c = 0; c < channels && total > 0; c++)
        {
            double distance = sums[c] / total;
            mean[c] = stored[c] + distance;
            variance[c] = Math.Max(0, (sums[channels + c] / total) - (distance * distance));
        }
        return (long)total;
    }

    /// <summary>
    /// Replaces sums over this rank's rows by those over all ranks'; by 0 if this rank's rows do not count, so that they have
    /// no gradient.
    /// </summary>
    public void Add(Span<double> sums)
    {
        if (!counts)
        {
            sums.Clear();
        }
        communicator.AllReduce(sums);
        if (!counts)
        {
            sums.Clear();
        }
    }
}
