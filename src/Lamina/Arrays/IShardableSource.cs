namespace Lamina;

/// <summary>
/// A source that can read the samples of one rank alone. Any other source is read whole by every rank, which then uses its
/// part of each batch.
/// </summary>
public interface IShardableSource : IBatchSource
{
    /// <summary>Returns the source of a rank's part of each batch.</summary>
    /// <remarks>
    /// Of a batch of n samples, rank r of N has samples n·r/N up to n·(r+1)/N, rounded down, with
    /// <see cref="Batch.FirstSample"/> and <see cref="Batch.Position"/> set. <see cref="IBatchSource.Count"/> and
    /// <see cref="IBatchSource.BatchSize"/> stay those of the whole. Every rank receives every batch: where it has no sample,
    /// one that fills its part (<see cref="Batch.IsFiller"/>).
    /// </remarks>
    /// <param name="rank">The rank, from 0.</param>
    /// <param name="size">The number of ranks, at least 1.</param>
    IBatchSource Shard(int rank, int size);
}
