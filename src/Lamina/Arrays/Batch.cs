namespace Lamina;

/// <summary>A batch of samples, with one array for each of a model's inputs and targets.</summary>
/// <param name="Inputs">The inputs, each with one row per sample, or <see cref="Crops"/> rows per sample.</param>
/// <param name="Targets">
/// The targets, each with one row per sample. Class indices are (N, 1) or (N), as floats; one-hot rows are (N,
/// classes). Empty if the targets are unknown.
/// </param>
public sealed record Batch(IReadOnlyList<NDArray> Inputs, IReadOnlyList<NDArray> Targets)
{
    /// <summary>Creates a batch for a model with one input and one target.</summary>
    public Batch(NDArray inputs, NDArray targets)
        : this([inputs], [targets]) { }

    /// <summary>
    /// The number of rows per sample in each input, at least 1. Default: 1. With more than one (crops of an image,
    /// whose outputs are averaged), the rows of a sample follow each other; targets still have one row per sample.
    /// </summary>
    public int Crops { get; init; } = 1;

    /// <summary>
    /// The factors of the samples' losses: for each target (N) or (N, 1), or <see langword="null"/> for 1; one array
    /// for several targets weights all of them. <see langword="null"/> if there are no factors.
    /// </summary>
    public IReadOnlyList<NDArray?>? SampleWeights { get; init; }

    /// <summary>Returns the factors of the samples' losses for a target; <see langword="null"/> for 1.</summary>
    /// <param name="target">The index of the target.</param>
    /// <exception cref="LaminaException">
    /// The number of arrays or of their elements does not match, or a factor is not finite.
    /// </exception>
    internal NDArray? WeightsOf(int target)
    {
        if (SampleWeights is not { } all)
        {
            return null;
        }
        if (all.Count != 1 && all.Count != Targets.Count)
        {
            throw new LaminaException(
                $"{all.Count} arrays of sample weights do not match {Targets.Count} targets. Pass one for all, or one for each."
            );
        }
        NDArray? weights = all[all.Count == 1 ? 0 : target];
        if (weights is not null && weights.Values.Length != Count)
        {
            throw new LaminaException(
                $"Sample weights {weights.Shape} do not match {Count} samples. Pass one weight for each sample."
            );
        }
        foreach (float weight in weights is null ? [] : weights.Values)
        {
            if (!float.IsFinite(weight))
            {
                throw new LaminaException($"A sample weight is {weight}. Weights must be finite.");
            }
        }
        return weights;
    }

    /// <summary>The number of samples.</summary>
    public int Count => Inputs[0].Count / Crops;

    /// <summary>
    /// The index of each sample in the source that it was read from, from 0; <see langword="null"/> if unknown.
    /// </summary>
    public IReadOnlyList<int>? Indices { get; init; }

    /// <summary>
    /// The position of the batch in its epoch, from 0, as counted by <c>skip</c> of <see cref="IBatchSource.Batches"/>.
    /// A source that leaves out batches sets it; <see langword="null"/> means the position after the previous batch.
    /// </summary>
    public int? Position { get; init; }

    /// <summary>
    /// The index of the first sample in the whole batch, if this is one rank's part of it. Default: 0. Random numbers of
    /// layers depend on it, so that they do not depend on the number of ranks.
    /// </summary>
    public int FirstSample { get; init; }

    /// <summary>
    /// <see langword="true"/> if the samples only fill the part of a rank that has none, and do not count.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool IsFiller { get; init; }
}

/// <summary>A finite supply of batches that Fit, Evaluate and Predict can read repeatedly.</summary>
public interface IBatchSource
{
    /// <summary>The number of samples in an epoch.</summary>
    int Count { get; }

    /// <summary>The number of samples in a batch; the last batch of an epoch may be smaller.</summary>
    int BatchSize { get; }

    /// <summary>Returns the batches of an epoch. The order depends only on the source's seed and the epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="skip">The number of batches to skip at the start, without the work of creating them.</param>
    IEnumerable<Batch> Batches(int epoch, int skip = 0);
}
