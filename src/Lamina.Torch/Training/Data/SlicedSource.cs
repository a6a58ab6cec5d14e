namespace Lamina.Torch;

/// <summary>One rank's part of each batch of a source that every rank reads whole.</summary>
internal sealed class SlicedSource(IBatchSource source, int rank, int size) : IBatchSource
{
    public int Count => source.Count;

    public int BatchSize => source.BatchSize;

    /// <summary>Returns a rank's part of a source, which reads no more than that if it can.</summary>
    public static IBatchSource Of(IBatchSource source, int rank, int size) =>
        size == 1 ? source
        : source is IShardableSource shardable ? shardable.Shard(rank, size)
        : new SlicedSource(source, rank, size);

    public IEnumerable<Batch> Batches(int epoch, int skip = 0) => source.Batches(epoch, skip).Select(Slice);

    private Batch Slice(Batch batch)
    {
        var start = (int)((long)batch.Count * rank / size);
        var end = (int)((long)batch.Count * (rank + 1) / size);
        bool isFiller = end == start;
        // Without a sample of its own, a rank computes another's, which does not count.
        (int first, int count) = isFiller ? (0, 1) : (start, end - start);
        return batch with
        {
            Inputs = [.. batch.Inputs.Select(a => a.Samples(first * batch.Crops, count * batch.Crops))],
            Targets = [.. batch.Targets.Select(a => a.Samples(first, count))],
            SampleWeights = batch.SampleWeights is { } weights
                ? [.. weights.Select(w => w?.Samples(first, count))]
                : null,
            Indices = batch.Indices?.Skip(first).Take(count).ToArray(),
            FirstSample = first,
            IsFiller = isFiller,
        };
    }
}
