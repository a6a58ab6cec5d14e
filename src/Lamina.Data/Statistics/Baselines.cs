namespace Lamina;

/// <summary>
/// The accuracies of two trivial classifiers that a trained model must exceed: predicting the most frequent class, and
/// predicting the class of the most similar training image.
/// </summary>
public sealed record Baselines
{
    /// <summary>The most frequent class of the training images; the first of equals.</summary>
    public required string MajorityClass { get; init; }

    /// <summary>The fraction of test images in <see cref="MajorityClass"/>, 0 to 1.</summary>
    public required double MajorityAccuracy { get; init; }

    /// <summary>
    /// The fraction of test images whose nearest training image, by Euclidean distance between thumbnails, has the same
    /// class, 0 to 1; <see langword="null"/> if no image could be read.
    /// </summary>
    public required double? NearestNeighborAccuracy { get; init; }

    /// <summary>The number of training images compared: all, or a random sample.</summary>
    public required int References { get; init; }

    /// <summary>The number of test images compared: all, or a random sample.</summary>
    public required int Queries { get; init; }

    /// <summary><see langword="true"/> if only a sample of the images was compared.</summary>
    public required bool IsSampled { get; init; }

    /// <summary>The size of the thumbnails.</summary>
    public required Size2 Size { get; init; }

    /// <summary>The number of channels of the thumbnails: 1 if all images are gray, otherwise 3.</summary>
    public required int Channels { get; init; }

    /// <summary>The higher of the two accuracies.</summary>
    public double Best => Math.Max(MajorityAccuracy, NearestNeighborAccuracy ?? 0);

    /// <summary>
    /// Computes the baselines. Thumbnails are whole images, stretched to 32×32 pixels if they are larger. Distances are
    /// exact integers, so the result is the same on any processor.
    /// </summary>
    /// <param name="train">The training images.</param>
    /// <param name="test">The test images, with the same classes.</param>
    /// <param name="options">The limits; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Receives the finished fraction of the work, 0 to 1, on any thread.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <exception cref="ArgumentException">One of the two sources is empty.</exception>
    /// <exception cref="OperationCanceledException">The computation was canceled.</exception>
    public static Baselines Compute(
        LabeledImages train,
        LabeledImages test,
        BaselineOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        if (train.Count == 0 || test.Count == 0)
        {
            throw new ArgumentException("Baselines need at least one training image and one test image.");
        }
        options ??= new BaselineOptions();
        (int majority, double share) = Majority(train, test);
        var reader = new ThumbnailReader(options, progress, cancellation);
        int[] references = Sample(train.Count, options.MaxReferences, options.Seed, part: 0);
        int[] queries = Sample(test.Count, options.MaxQueries, options.Seed, part: 1);
        Size2 size = reader.SizeOf(train, references);
        List<Thumbnail> asked = reader.Read(test, queries, size, from: 0, to: 0.2);
        List<Thumbnail> known = reader.Read(train, references, size, from: 0.2, to: 0.8);
        int channels = asked.Concat(known).Any(t => t.Channels == 3) ? 3 : 1;
        int[] nearest =
            asked.Count == 0 || known.Count == 0
                ? []
                : NearestNeighbors.Find(
                    new ThumbnailMatrix(known, channels),
                    new ThumbnailMatrix(asked, channels),
                    done => progress?.Report(0.8 + (0.2 * done)),
                    cancellation
                );
        int right = nearest.Where((found, query) => known[found].Label == asked[query].Label).Count();
        return new Baselines
        {
            MajorityClass = train.ClassNames[majority],
            MajorityAccuracy = share,
            NearestNeighborAccuracy = nearest.Length == 0 ? null : (double)right / nearest.Length,
            References = known.Count,
            Queries = asked.Count,
            // Unreadable images are missing from both.
            IsSampled = !reader.HasReadAll || references.Length < train.Count || queries.Length < test.Count,
            Size = size,
            Channels = channels,
        };
    }

    private static (int Class, double Share) Majority(LabeledImages train, LabeledImages test)
    {
        var counts = new int[train.ClassNames.Count];
        foreach (int label in train.Labels)
        {
            counts[label]++;
        }
        int majority = Array.IndexOf(counts, counts.Max());
        return (majority, (double)test.Labels.Count(label => label == majority) / test.Count);
    }

    /// <summary>
    /// Returns some or all of the images in a random order determined by the seed: any prefix of it is a fair sample.
    /// </summary>
    private static int[] Sample(int count, int most, long seed, int part)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(seed, RandomPurpose.User, part).Shuffle(order.AsSpan());
        return order[..Math.Min(count, most)];
    }
}
