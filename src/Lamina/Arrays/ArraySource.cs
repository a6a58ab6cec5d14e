namespace Lamina;

/// <summary>A source of batches from arrays in memory.</summary>
public sealed class ArraySource : IBatchSource
{
    private readonly IReadOnlyList<NDArray> _inputs;
    private readonly IReadOnlyList<NDArray> _targets;
    private readonly IReadOnlyList<NDArray?>? _weights;
    private readonly bool _shuffle;
    private readonly long _seed;

    /// <summary>Creates a source.</summary>
    /// <param name="inputs">The inputs, one row per sample.</param>
    /// <param name="targets">The targets, one row per sample; <see langword="null"/> for prediction.</param>
    /// <param name="batchSize">The number of samples in a batch, at least 1.</param>
    /// <param name="shuffle"><see langword="true"/> to shuffle the samples in each epoch.</param>
    /// <param name="seed">The seed of the orders.</param>
    /// <exception cref="ShapeException">Inputs and targets have different numbers of rows.</exception>
    public ArraySource(NDArray inputs, NDArray? targets, int batchSize = 32, bool shuffle = false, long seed = 0)
        : this([inputs], targets is null ? [] : [targets], batchSize, shuffle, seed) { }

    /// <summary>Creates a source for a model with several inputs or targets.</summary>
    /// <param name="inputs">The arrays, one per input, with one row per sample.</param>
    /// <param name="targets">The arrays, one per target, with one row per sample; empty for prediction.</param>
    /// <param name="batchSize">The number of samples in a batch, at least 1.</param>
    /// <param name="shuffle"><see langword="true"/> to shuffle the samples in each epoch.</param>
    /// <param name="seed">The seed of the orders.</param>
    /// <exception cref="ShapeException">The arrays have different numbers of rows.</exception>
    public ArraySource(
        IReadOnlyList<NDArray> inputs,
        IReadOnlyList<NDArray> targets,
        int batchSize = 32,
        bool shuffle = false,
        long seed = 0
    )
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        Arguments.RequireAtLeast(1, batchSize);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        foreach (NDArray array in (NDArray[])[.. inputs, .. targets])
        {
            ArgumentNullException.ThrowIfNull(array, nameof(inputs));
            if (array.Count != inputs[0].Count)
            {
                throw new ShapeException(
                    $"{inputs[0].Count} inputs need the same number of targets, got {array.Count}."
                );
            }
        }
        (_inputs, _targets, BatchSize, _shuffle, _seed) = ([.. inputs], [.. targets], batchSize, shuffle, seed);
    }

    /// <summary>
    /// The factors of the samples' losses, (N) or (N, 1): one array for all targets or one for each, with
    /// <see langword="null"/> for 1; <see langword="null"/> for no factors.
    /// </summary>
    /// <exception cref="LaminaException">The number of arrays or of their elements does not match.</exception>
    public IReadOnlyList<NDArray?>? SampleWeights
    {
        get => _weights;
        init
        {
            // A batch of all samples checks what every batch would.
            var all = new Batch(_inputs, _targets) { SampleWeights = value };
            for (int i = 0; i < _targets.Count; i++)
            {
                _ = all.WeightsOf(i);
            }
            _weights = value is null ? null : [.. value];
        }
    }

    /// <summary>
    /// <see langword="true"/> to reuse the arrays of a batch for the next one. Requires a reader that finishes each
    /// batch before asking for another.
    /// </summary>
    internal bool ReuseBuffers { get; init; }

    /// <inheritdoc/>
    public int Count => _inputs[0].Count;

    /// <inheritdoc/>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public IEnumerable<Batch> Batches(int epoch, int skip = 0)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        if (_shuffle)
        {
            new RandomStream(_seed, RandomPurpose.Shuffle, epoch).Shuffle(order.AsSpan());
        }
        var buffers = new float[]?[_inputs.Count + _targets.Count];
        for (int start = skip * BatchSize; start < Count; start += BatchSize)
        {
            Memory<int> rows = order.AsMemory(start, Math.Min(BatchSize, Count - start));
            yield return new Batch(
                [.. _inputs.Select((array, i) => Gather(array, rows.Span, ref buffers[i]))],
                [.. _targets.Select((array, i) => Gather(array, rows.Span, ref buffers[_inputs.Count + i]))]
            )
            {
                SampleWeights = _weights is null ? null : [.. _weights.Select(w => GatherWeights(w, rows.Span))],
            };
        }
    }

    private static NDArray? GatherWeights(NDArray? weights, ReadOnlySpan<int> rows)
    {
        if (weights is null)
        {
            return null;
        }
        var values = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            values[i] = weights.Values[rows[i]];
        }
        return new NDArray([rows.Length], values);
    }

    private NDArray Gather(NDArray source, ReadOnlySpan<int> rows, ref float[]? buffer)
    {
        int size = checked((int)source.Shape.SampleCount);
        int length = checked(rows.Length * size);
        float[] values = ReuseBuffers && buffer is not null ? buffer : new float[length];
        buffer = values;
        // The first batch is the largest.
        var result = new NDArray(source.Shape.WithBatch(rows.Length), values.AsMemory(0, length));
        for (int i = 0; i < rows.Length; i++)
        {
            source.Values.Slice(rows[i] * size, size).CopyTo(result.Values.Slice(i * size, size));
        }
        return result;
    }
}
