namespace Lamina;

/// <summary>
/// Data-parallel training: every rank computes its part of each batch, and gradients are summed over ranks. All ranks hold
/// the same weights, bit for bit, and N ranks compute what one process computes, up to the order of sums.
/// </summary>
/// <remarks>
/// Assign it to <see cref="CompiledModel.Distribution"/> on every rank before <c>Fit</c>, which then shards its data, starts
/// from the weights and the checkpoint of rank 0, and reports values of all ranks. Pass the same data, in the same order, on
/// every rank. Callbacks that write files belong on rank 0 only; those that act on values (learning rates, early stopping) on
/// every rank. Metrics are summed: their state must be made of sums.
/// </remarks>
/// <param name="communicator">The ranks.</param>
public sealed class Distribution(ICommunicator communicator)
{
    /// <summary>The ranks.</summary>
    public ICommunicator Communicator { get; } = communicator ?? throw new ArgumentNullException(nameof(communicator));

    /// <summary>
    /// <see langword="true"/> if batch normalization uses the statistics of the whole batch, as one process does;
    /// <see langword="false"/> for those of each rank's part, whose moving statistics are averaged. Default:
    /// <see langword="false"/>.
    /// </summary>
    public bool SynchronizesBatchNormalization { get; init; }

    /// <summary>
    /// The number of steps between comparisons of all ranks' weights, at least 0; 0 for none. Default: 100.
    /// </summary>
    public int ChecksumEvery { get; init; } = 100;

    /// <summary>
    /// The size in bytes from which a gradient is sent by itself; smaller ones are sent together until they have that size.
    /// Default: 4 MiB.
    /// </summary>
    public int BucketBytes { get; init; } = 4 << 20;

    /// <summary>
    /// The type in which gradients are sent. With <see cref="GradientPrecision.BFloat16"/> half as many bytes are sent, and
    /// each rank adds what rounding has left out to its next gradient; a resumed run begins without these remainders, so it
    /// does not end with the same bits. Default: <see cref="GradientPrecision.Float32"/>.
    /// </summary>
    public GradientPrecision GradientPrecision { get; init; }

    /// <summary>Called after each bucket of gradients was summed, with its size and times.</summary>
    public Action<ReducedBucket>? OnReduced { get; init; }
}
