using System.Numerics;

namespace Lamina;

/// <summary>
/// Mixes the training batches of another source in pairs, by mixup or CutMix. Each sample is mixed with the one before it in
/// the batch, and the first with the last. Inputs keep their shape, and several inputs have the same partners and weights;
/// targets become class probabilities (N, classes), which <c>sparse_categorical_crossentropy</c> and
/// <c>categorical_crossentropy</c> accept.
/// </summary>
/// <remarks>
/// The draws depend only on the seed, the epoch and the batch's position in it: they are the same for any number of loader
/// workers and in a resumed run. Where CutMix pastes a box into images, other inputs, (N, features), are averaged by the
/// visible areas, as averages over the pixels would be. Shuffle the source, since neighbors are mixed. Use the source itself for validation. A
/// batch of one sample is not changed.
/// </remarks>
public sealed class MixedBatches : IBatchSource
{
    private readonly IBatchSource _source;
    private readonly int _classes;
    private readonly long _seed;

    /// <summary>Creates a source.</summary>
    /// <param name="source">
    /// The batches to mix, each with one target: class indices (N, 1) or (N), or probabilities (N, classes).
    /// </param>
    /// <param name="mixing">The settings of the mixing.</param>
    /// <param name="classes">The number of classes, at least 2.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <exception cref="ConfigException">A value of <paramref name="mixing"/> is out of its range.</exception>
    public MixedBatches(IBatchSource source, Mixing mixing, int classes, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(mixing);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        mixing.Validate();
        (_source, Mixing, _classes, _seed) = (source, mixing, classes, seed);
    }

    /// <summary>The settings of the mixing.</summary>
    public Mixing Mixing { get; }

    /// <summary>
    /// <see langword="true"/> if the inputs of a batch may be overwritten by the next batch, which saves an allocation per
    /// batch. Default: <see langword="false"/>.
    /// </summary>
    public bool ReuseBuffers { get; init; }

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public int BatchSize => _source.BatchSize;

    /// <inheritdoc/>
    /// <exception cref="LaminaException">While batches are read: a batch cannot be mixed.</exception>
    public IEnumerable<Batch> Batches(int epoch, int skip = 0)
    {
        int next = skip;
        List<float[]> buffers = [];
        foreach (Batch batch in _source.Batches(epoch, skip))
        {
            int position = batch.Position ?? next;
            next = position + 1;
            yield return Mix(batch, new RandomStream(_seed, RandomPurpose.Mixing, epoch, position), buffers);
        }
    }

    private Batch Mix(Batch batch, RandomStream random, List<float[]> buffers)
    {
        if (batch is not { Targets: [var targets], Crops: 1 })
        {
            throw new LaminaException("MixedBatches: batches must have one target and one crop per image.");
        }
        if (batch.SampleWeights is not null)
        {
            throw new LaminaException(
                "MixedBatches: mixed images have no sample weights. Train without one of the two."
            );
        }
        NDArray labels = LabelMixer.Dense(targets, batch.Count, _classes);
        (MixingKind kind, double lambda) = Mixing.Draw(ref random);
        if (kind == MixingKind.None || batch.Count < 2)
        {
            return batch with { Targets = [labels] };
        }
        NDArray[] mixed = [.. batch.Inputs.Select((input, i) => Output(input, i, buffers))];
        NDArray? images = null;
        if (kind == MixingKind.CutMix)
        {
            images = ImagesOf(batch.Inputs);
            lambda = CutMix(images, mixed[batch.Inputs.ToList().IndexOf(images)], lambda, ref random);
        }
        foreach ((NDArray input, NDArray output) in batch.Inputs.Zip(mixed).Where(p => p.First != images))
        {
            MixUp(input, output, (float)lambda);
        }
        return batch with { Inputs = mixed, Targets = [LabelMixer.Mix(labels, lambda)] };
    }

    private NDArray Output(NDArray input, int index, List<float[]> buffers)
    {
        int length = input.Values.Length;
        if (buffers.Count == index)
        {
            buffers.Add([]);
        }
        if (!ReuseBuffers || buffers[index].Length < length)
        {
            buffers[index] = GC.AllocateUninitializedArray<float>(length);
        }
        return new NDArray(input.Shape, buffers[index].AsMemory(0, length));
    }

    private static NDArray ImagesOf(IReadOnlyList<NDArray> inputs) =>
        inputs.Where(i => i.Shape.Rank == 4).ToList() is [var images] && inputs.All(i => i.Shape.Rank is 2 or 4)
            ? images
            : throw new LaminaException(
                $"MixedBatches: CutMix requires images (N, height, width, channels), and beside them vectors only, but the input is {string.Join(", ", inputs.Select(i => i.Shape))}. Use mixup only."
            );

    private static void MixUp(NDArray inputs, NDArray mixed, float lambda)
    {
        int size = inputs.Values.Length / inputs.Count;
        for (int row = 0; row < inputs.Count; row++)
        {
            ReadOnlySpan<float> own = inputs.Values.Slice(row * size, size);
            ReadOnlySpan<float> other = inputs.Values.Slice(LabelMixer.Partner(row, inputs.Count) * size, size);
            Span<float> output = mixed.Values.Slice(row * size, size);
            int i = 0;
            for (; i <= size - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> kept = new Vector<float>(own[i..]) * lambda;
                (kept + (new Vector<float>(other[i..]) * (1 - lambda))).CopyTo(output[i..]);
            }
            for (; i < size; i++)
            {
                output[i] = (own[i] * lambda) + (other[i] * (1 - lambda));
            }
        }
    }

    private static double CutMix(NDArray inputs, NDArray mixed, double lambda, ref RandomStream random)
    {
        (int height, int width, int channels) = (
            inputs.Shape[1]!.Value,
            inputs.Shape[2]!.Value,
            inputs.Shape[3]!.Value
        );
        Size2 size = new(height, width);
        var box = CutBox.Draw(size, lambda, ref random);
        inputs.Values.CopyTo(mixed.Values);
        int line = (box.Right - box.Left) * channels;
        for (int row = 0; row < inputs.Count; row++)
        {
            int partner = LabelMixer.Partner(row, inputs.Count);
            for (int y = box.Top; y < box.Bottom; y++)
            {
                int at = ((y * width) + box.Left) * channels;
                int image = height * width * channels;
                inputs.Values.Slice((partner * image) + at, line).CopyTo(mixed.Values.Slice((row * image) + at, line));
            }
        }
        return box.Rest(size);
    }
}
