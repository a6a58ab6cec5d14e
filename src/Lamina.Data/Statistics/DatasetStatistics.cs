namespace Lamina;

/// <summary>
/// Statistics of training images: mean and standard deviation of the channels, the mean image, the principal components of
/// the colors. Means and deviations are in the unit of <see cref="Preprocessing.Scale"/> (0 to 1 by default), ready for
/// <see cref="Preprocessing.Mean"/>, <see cref="Preprocessing.Std"/> or <see cref="Preprocessing.MeanImage"/>.
/// </summary>
public sealed class DatasetStatistics
{
    private DatasetStatistics(PixelSums sums, IReadOnlyList<SkippedImage> skipped, Preprocessing preprocessing)
    {
        double scale = preprocessing.Scale;
        (Images, Skipped) = (sums.Images, skipped);
        double[,] bytes = sums.Covariance();
        int channels = preprocessing.Channels;
        PixelMean = [.. sums.Mean()];
        // Images are summed as RGB; preprocessing uses the network's channel order.
        int[] order = [.. Enumerable.Range(0, channels)];
        if (preprocessing.ChannelOrder == ChannelOrder.Bgr)
        {
            Array.Reverse(order);
        }
        Mean = [.. order.Select(c => PixelMean[c] * scale)];
        Std = [.. order.Select(c => Math.Abs(scale) * Math.Sqrt(bytes[c, c]))];
        Covariance =
        [
            .. Enumerable
                .Range(0, channels)
                .Select(i => (double[])[.. Enumerable.Range(0, channels).Select(j => bytes[i, j] * scale * scale)]),
        ];
        (double[] values, double[][] vectors) = SymmetricEigen.Of(bytes);
        Components = new ColorComponents([.. values.Select(v => Math.Sqrt(Math.Max(v, 0)))], vectors);
        Size2 size = preprocessing.MeanSize;
        var means = new float[size.Height * size.Width * channels];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = (float)(sums.PixelMean(i - (i % channels) + order[i % channels]) * scale);
        }
        MeanImage = new MeanImage(size.Height, size.Width, channels, means);
    }

    /// <summary>The number of images.</summary>
    public long Images { get; }

    /// <summary>The images that could not be read, in the source's order.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>The mean of each channel.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>The mean of red, green and blue in pixel values from 0 to 255, before scaling.</summary>
    internal IReadOnlyList<double> PixelMean { get; }

    /// <summary>The standard deviation of each channel over all pixels; 0 if all are equal.</summary>
    public IReadOnlyList<double> Std { get; }

    /// <summary>The covariance of the channels over all pixels: (channels, channels).</summary>
    public IReadOnlyList<IReadOnlyList<double>> Covariance { get; }

    /// <summary>The roots of the covariance's eigenvalues, in pixel values from 0 to 255, and its eigenvectors.</summary>
    public ColorComponents Components { get; }

    /// <summary>The mean of each pixel, of the size <see cref="Preprocessing.MeanSize"/>.</summary>
    public MeanImage MeanImage { get; }

    /// <summary>
    /// Computes the statistics in one pass over all images, each resized by the preprocessing without augmentation: the
    /// central ShortSide×ShortSide square, or the input if there is no short side. Sums are in double precision and
    /// bit-identical for any number of workers.
    /// </summary>
    /// <param name="images">The training images; unreadable ones are skipped.</param>
    /// <param name="preprocessing">The size, resizing, channels and scale; means are ignored.</param>
    /// <param name="progress">Receives the number of finished images, on any thread.</param>
    /// <param name="workers">The number of threads, at least 1. Default: <see langword="null"/>, one per core.</param>
    /// <param name="cancellation">Cancels the pass.</param>
    /// <exception cref="ConfigException">A value of the preprocessing is out of its range.</exception>
    /// <exception cref="DataException">No image can be read.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static DatasetStatistics Compute(
        LabeledImages images,
        Preprocessing preprocessing,
        IProgress<int>? progress = null,
        int? workers = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(preprocessing);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers ?? 1, 1, nameof(workers));
        Size2 size = preprocessing.MeanSize;
        Preprocessing plain = preprocessing with
        {
            Height = size.Height,
            Width = size.Width,
            ChannelOrder = ChannelOrder.Rgb,
            Scale = 1,
            Mean = [0],
            Std = [1],
            MeanImage = null,
        };
        (preprocessing with { Mean = [0], Std = [1], MeanImage = null }).Validate();
        var pass = new StatisticsPass(images, plain, progress);
        (PixelSums sums, IReadOnlyList<SkippedImage> skipped) = pass.Run(
            workers ?? Environment.ProcessorCount,
            cancellation
        );
        if (sums.Images == 0)
        {
            throw skipped is [var first, ..]
                ? new DataException(first.Name, $"{first.Reason} None of the {images.Count} images can be read.")
                : new DataException("the images", "there are none to compute statistics from.");
        }
        return new DatasetStatistics(sums, skipped, preprocessing);
    }
}
