namespace Lamina.Runs.Transfer;

/// <summary>
/// Batches of features. In each epoch an image is seen in a view drawn for it, and in an order of the epoch's own, as a loader
/// of images would draw them: by the seed, the epoch and the image.
/// </summary>
/// <param name="features">Returns the features; called when the first batch is asked for.</param>
/// <param name="images">The number of images, of which some may not be readable.</param>
/// <param name="batchSize">The images of a batch.</param>
/// <param name="mirrored">The probability of the second view.</param>
/// <param name="seed">The seed of the order; <see langword="null"/> for the order of the images and the first view.</param>
internal sealed class FeatureBatches(Lazy<FeatureSet> features, int images, int batchSize, double mirrored, long? seed)
    : IBatchSource
{
    /// <inheritdoc/>
    public int Count => features.IsValueCreated ? features.Value.Count : images;

    /// <inheritdoc/>
    public int BatchSize => batchSize;

    /// <inheritdoc/>
    public IEnumerable<Batch> Batches(int epoch, int skip = 0)
    {
        FeatureSet all = features.Value;
        int[] order = [.. Enumerable.Range(0, all.Count)];
        if (seed is { } shuffled)
        {
            new RandomStream(shuffled, RandomPurpose.Shuffle, epoch).Shuffle(order.AsSpan());
        }
        for (int start = skip * batchSize; start < all.Count; start += batchSize)
        {
            int[] rows = order[start..Math.Min(start + batchSize, all.Count)];
            var labels = new NDArray(Shape.Of(rows.Length, 1));
            int[] views = new int[rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                views[i] = ViewOf(all, epoch, rows[i]);
                labels.Values[i] = all.Labels.Values[rows[i]];
            }
            yield return new Batch(Inputs(all, rows, views), [labels]);
        }
    }

    // One array for each of the values that make up an image's row.
    private static NDArray[] Inputs(FeatureSet all, int[] rows, int[] views)
    {
        int width = (int)all.Views[0].Shape.SampleCount!;
        var inputs = new NDArray[all.Shapes.Count];
        int begin = 0;
        for (int value = 0; value < inputs.Length; value++)
        {
            inputs[value] = new NDArray(all.Shapes[value].WithBatch(rows.Length));
            int own = (int)all.Shapes[value].SampleCount!;
            for (int i = 0; i < rows.Length; i++)
            {
                all.Views[views[i]]
                    .Values.Slice((rows[i] * width) + begin, own)
                    .CopyTo(inputs[value].Values.Slice(i * own, own));
            }
            begin += own;
        }
        return inputs;
    }

    private int ViewOf(FeatureSet all, int epoch, int image)
    {
        if (all.Views.Count == 1 || seed is not { } drawn)
        {
            return 0;
        }
        var random = new RandomStream(drawn, RandomPurpose.Augmentation, epoch, image);
        return random.NextDouble() < mirrored ? 1 : 0;
    }
}
