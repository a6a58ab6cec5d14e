namespace Lamina;

/// <summary>A few samples: one array for each of a model's inputs, one for each of its targets.</summary>
/// <param name="Inputs">The inputs; each has one row a sample, or <see cref="Crops"/> rows.</param>
/// <param name="Targets">
/// The targets; each has one row a sample. Class indices are (N, 1) or (N), as floats; one-hot rows are (N, classes).
/// Empty where the answers are not known.
/// </param>
public sealed record Batch(IReadOnlyList<NDArray> Inputs, IReadOnlyList<NDArray> Targets)
{
    /// <summary>A batch for a model with one input and one target.</summary>
    public Batch(NDArray inputs, NDArray targets)
        : this([inputs], [targets]) { }

    /// <summary>
    /// Rows that a sample has in each input, at least 1; 1. Where there are more (crops of an image, whose outputs are
    /// averaged), those of a sample follow each other; targets have one row a sample all the same.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>The number of samples.</summary>
    public int Count => Inputs[0].Count / Crops;

    /// <summary>
    /// Each sample's place in the source that it was read from, from 0; <see langword="null"/> where the source does not say.
    /// </summary>
    public IReadOnlyList<int>? Indices { get; init; }

    /// <summary>
    /// The batch's place in its epoch's order, from 0, which <c>skip</c> of <see cref="IBatchSource.Batches"/> counts in.
    /// A source that leaves out batches sets it; <see langword="null"/> means the one after the batch before it.
    /// </summary>
    public int? Position { get; init; }
}

/// <summary>A finite supply of batches that can be run through again and again: what Fit, Evaluate and Predict read.</summary>
public interface IBatchSource
{
    /// <summary>Samples in an epoch.</summary>
    int Count { get; }

    /// <summary>Samples in a batch; the last of an epoch may have fewer.</summary>
    int BatchSize { get; }

    /// <summary>The batches of an epoch. The order depends on the source's seed and the epoch alone.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="skip">How many of the first batches to leave out, without the work of making them.</param>
    IEnumerable<Batch> Batches(int epoch, int skip = 0);
}
