namespace Lamina.Torch;

/// <summary>A source from a sequence of batches, such as an iterator of the program.</summary>
/// <param name="batches">The sequence; enumerated again for each epoch, unless epochs have a number of steps.</param>
/// <param name="steps">
/// The number of batches in an epoch: the sequence then continues from epoch to epoch. <see langword="null"/> for all.
/// </param>
internal sealed class SequenceSource(IEnumerable<Batch> batches, int? steps) : IBatchSource
{
    private IEnumerator<Batch>? _open;
    private long _position;

    // Unknown without steps.
    public int Count => steps ?? 0;

    // Batches are counted, not their samples.
    public int BatchSize => 1;

    public IEnumerable<Batch> Batches(int epoch, int skip = 0) =>
        steps is { } count ? Continued(((long)epoch * count) + skip, count - skip) : Whole(skip);

    private IEnumerable<Batch> Whole(int skip) => batches.Skip(skip);

    private IEnumerable<Batch> Continued(long start, int count)
    {
        if (_open is null || _position > start)
        {
            _open?.Dispose();
            (_open, _position) = (batches.GetEnumerator(), 0);
        }
        // A resumed run goes through the batches of the steps before it.
        for (; _position < start; _position++)
        {
            Require(_open.MoveNext());
        }
        for (int i = 0; i < count; i++)
        {
            Require(_open.MoveNext());
            _position++;
            yield return _open.Current;
        }
    }

    private void Require(bool moved)
    {
        if (!moved)
        {
            throw new LaminaException(
                $"The batches ended after {_position} steps, before an epoch of {steps} steps was complete. Pass more batches, or fewer stepsPerEpoch."
            );
        }
    }
}
