using System.Collections.Concurrent;

namespace Lamina;

/// <summary>
/// Loads labeled images in batches. Worker threads decode, augment and resize a bounded number of batches ahead. Batches
/// depend only on the images, the preprocessing, the seed and the epoch. Inputs are
/// (N, height, width, channels); targets are (N, 1) class indices, or (N, classes) one-hot. With ten crops, inputs have
/// ten rows per target.
/// </summary>
/// <remarks>
/// An unreadable image is skipped, which makes its batch smaller, or ends the run, as
/// <see cref="DataLoaderOptions.Strict"/> says. A batch without readable images is omitted.
/// </remarks>
public sealed class DataLoader : IShardableSource
{
    private readonly LabeledImages _source;
    private readonly PreparerPool _preparers;
    private readonly ConcurrentBag<float[]> _buffers = [];
    private readonly ConcurrentDictionary<int, SkippedImage> _skipped = new();
    private readonly int _imageSize;
    private (int Rank, int Size) _shard = (0, 1);

    /// <summary>Creates a loader without reading any image.</summary>
    /// <param name="source">The images.</param>
    /// <param name="preprocessing">The preprocessing of each image.</param>
    /// <param name="options">The options for batches; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ConfigException">An option is out of its range.</exception>
    public DataLoader(LabeledImages source, Preprocessing preprocessing, DataLoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(preprocessing);
        Options = options ?? new DataLoaderOptions();
        preprocessing.Validate();
        Options.Validate(preprocessing);
        (_source, Preprocessing) = (source, preprocessing);
        _preparers = new PreparerPool(preprocessing);
        long imageSize = (long)preprocessing.Height * preprocessing.Width * preprocessing.Channels * Options.Crops;
        if (imageSize * Options.BatchSize > Array.MaxLength)
        {
            throw new ConfigException(
                $"DataLoader: a batch of {Options.BatchSize} images of {preprocessing.Shape} is too large for one "
                    + "array. Use a smaller BatchSize or size."
            );
        }
        _imageSize = (int)imageSize;
        DecodeSize = SizeToDecode();
    }

    /// <summary>The preprocessing of each image.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>The options for batches.</summary>
    public DataLoaderOptions Options { get; }

    /// <summary>The source of the images.</summary>
    public LabeledImages Source => _source;

    /// <summary>The size down to which images may be decoded, as <see cref="LabeledImages.Decode"/> accepts it.</summary>
    public Size2 DecodeSize { get; }

    /// <summary>The classes, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames => _source.ClassNames;

    /// <summary>The images that could not be read so far, in the source's order.</summary>
    public IReadOnlyList<SkippedImage> Skipped => [.. _skipped.OrderBy(s => s.Key).Select(s => s.Value)];

    /// <summary>The number of images in an epoch, including unreadable ones.</summary>
    public int Count => Options.DropRemainder ? _source.Count / BatchSize * BatchSize : _source.Count;

    /// <inheritdoc/>
    public int BatchSize => Options.BatchSize;

    /// <inheritdoc/>
    /// <exception cref="DataException">
    /// While batches are read: an image is unreadable and <see cref="DataLoaderOptions.Strict"/> is set, or all are unreadable.
    /// </exception>
    public IEnumerable<Batch> Batches(int epoch, int skip = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Run(epoch, skip);
    }

    /// <inheritdoc/>
    public IBatchSource Shard(int rank, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, size);
        return new DataLoader(_source, Preprocessing, Options) { _shard = (rank, size) };
    }

    private IEnumerable<Batch> Run(int epoch, int skip)
    {
        int[] order = Options.Shuffle
            ? EpochOrder.Of(_source, Options.Seed, epoch)
            : [.. Enumerable.Range(0, _source.Count)];
        int batches = (Count + BatchSize - 1) / BatchSize;
        if (skip >= batches)
        {
            yield break;
        }
        using var prefetcher = new Prefetcher(
            skip..batches,
            batch => Open(order, batch),
            (slot, row, preparer) => Make(slot, row, preparer, epoch),
            _preparers,
            Math.Min(Options.Workers, Count - (skip * BatchSize)),
            Options.Prefetch
        );
        bool any = false;
        for (int i = skip; i < batches; i++)
        {
            BatchSlot slot = prefetcher.Take();
            if (Finish(slot) is { } batch)
            {
                any = true;
                yield return batch with
                {
                    Position = i,
                };
            }
            if (Options.ReuseBuffers)
            {
                _buffers.Add(slot.Pixels);
            }
        }
        if (!any && skip == 0 && _shard.Size == 1)
        {
            SkippedImage first = Skipped[0];
            throw new DataException(first.Name, $"{first.Reason} None of the {Count} images can be read.");
        }
    }

    /// <summary>Returns twice the input size, or more if augmentations or crops use only part of the image.</summary>
    private Size2 SizeToDecode()
    {
        double magnification = Options.Augmentations.Select(a => a.Magnification).Append(1).Max();
        if (Options.Crops == TenCrop.Count)
        {
            // The space that ten crops need where no short side is set.
            magnification *= 8 / 7.0;
        }
        Size2 enough = Preprocessing.EnoughToDecode;
        return new Size2(Enlarged(enough.Height), Enlarged(enough.Width));

        int Enlarged(int size) => (int)Math.Min(Math.Ceiling(size * magnification), int.MaxValue);
    }

    private BatchSlot Open(int[] order, int batch)
    {
        int start = batch * BatchSize;
        ReadOnlyMemory<int> images = order.AsMemory(start, Math.Min(BatchSize, Count - start));
        int first = FirstOf(_shard.Rank, images.Length);
        images = images[first..FirstOf(_shard.Rank + 1, images.Length)];
        if (!_buffers.TryTake(out float[]? pixels))
        {
            // The full size even for a smaller last batch, so that any buffer fits any batch.
            int rows = Options.ReuseBuffers ? BatchSize : images.Length;
            pixels = GC.AllocateUninitializedArray<float>(rows * _imageSize);
        }
        return new BatchSlot(pixels, images) { First = first };
    }

    // The first sample of a rank's part.
    private int FirstOf(int rank, int samples) => (int)((long)samples * rank / _shard.Size);

    private void Make(BatchSlot slot, int row, ImagePreparer preparer, int epoch)
    {
        int image = slot.Images[row];
        if (Options.Crops > 1)
        {
            preparer.BeginCrops(Options.Crops);
        }
        else
        {
            var random = new RandomStream(Options.Seed, RandomPurpose.Augmentation, epoch, image);
            preparer.Begin(Options.Augmentations, random);
        }
        try
        {
            _source.DecodePart(image, preparer.Pixels, DecodeSize, preparer.ChoosePart);
        }
        catch (DataException e)
        {
            slot.Failures[row] = e;
            return;
        }
        preparer.Finish(slot.Pixels.AsSpan(row * _imageSize, _imageSize));
    }

    /// <summary>Closes the gaps that unreadable images left; returns null if no row is left.</summary>
    private Batch? Finish(BatchSlot slot)
    {
        var labels = new List<int>(slot.Images.Length);
        var indices = new List<int>(slot.Images.Length);
        for (int row = 0; row < slot.Images.Length; row++)
        {
            if (slot.Failures[row] is { } failure)
            {
                Report(slot.Images[row], failure);
                continue;
            }
            if (labels.Count < row)
            {
                slot.Pixels.AsSpan(row * _imageSize, _imageSize).CopyTo(slot.Pixels.AsSpan(labels.Count * _imageSize));
            }
            labels.Add(_source.Labels[slot.Images[row]]);
            indices.Add(slot.Images[row]);
        }
        if (labels.Count == 0)
        {
            return _shard.Size > 1 ? Filler() : null;
        }
        Memory<float> pixels = slot.Pixels.AsMemory(0, labels.Count * _imageSize);
        Shape shape = Preprocessing.Shape.Batched(labels.Count * Options.Crops);
        return new Batch(new NDArray(shape, pixels), Targets(labels))
        {
            Crops = Options.Crops,
            Indices = indices,
            FirstSample = slot.First,
        };
    }

    // Another rank may have samples of the same batch.
    private Batch Filler() =>
        new(new NDArray(Preprocessing.Shape.Batched(Options.Crops)), Targets([0]))
        {
            Crops = Options.Crops,
            IsFiller = true,
        };

    private void Report(int image, DataException failure)
    {
        if (Options.Strict)
        {
            throw new DataException(failure.Path, failure.Reason, failure);
        }
        var skipped = new SkippedImage(failure.Path, failure.Reason);
        if (_skipped.TryAdd(image, skipped))
        {
            Options.OnSkipped?.Invoke(skipped);
        }
    }

    private NDArray Targets(List<int> labels)
    {
        var targets = new NDArray(Shape.Of(labels.Count, Options.OneHot ? ClassNames.Count : 1));
        for (int row = 0; row < labels.Count; row++)
        {
            if (Options.OneHot)
            {
                targets[row, labels[row]] = 1;
            }
            else
            {
                targets[row, 0] = labels[row];
            }
        }
        return targets;
    }
}
