namespace Lamina.Torch;

/// <summary>
/// A source whose epochs have a given number of batches. They continue where the previous epoch ended, and begin again
/// after the last batch, as Keras's steps per epoch do.
/// </summary>
internal sealed class LimitedSource(IBatchSource source, int steps) : IBatchSource
{
    private readonly int _batches = (source.Count + source.BatchSize - 1) / source.BatchSize;

    public IBatchSource Source { get; } = source;

    public int Count => checked(steps * BatchSize);

    public int BatchSize => Source.BatchSize;

    public IEnumerable<Batch> Batches(int epoch, int skip = 0)
    {
        long next = ((long)epoch * steps) + skip;
        long end = ((long)epoch + 1) * steps;
        while (next < end && _batches > 0)
        {
            long start = next;
            int round = checked((int)(start / _batches));
            int position = (int)(start % _batches);
            foreach (Batch batch in Source.Batches(round, position))
            {
                // A source may leave out batches, which then count as taken.
                position = batch.Position ?? position;
                next = ((long)round * _batches) + position + 1;
                if (next > end)
                {
                    yield break;
                }
                yield return batch with
                {
                    Position = (int)(next - 1 - ((long)epoch * steps)),
                };
                position++;
                if (next == end)
                {
                    yield break;
                }
            }
            next = ((long)round + 1) * _batches;
        }
    }
}
