namespace Lamina;

/// <summary>Bounds of the work that <see cref="Baselines.Compute"/> does.</summary>
public sealed record BaselineOptions
{
    /// <summary>The most training images to compare with, at least 1. Default: 5000.</summary>
    public int MaxReferences { get; init; } = 5000;

    /// <summary>The most test images to classify, at least 1. Default: 1000.</summary>
    public int MaxQueries { get; init; } = 1000;

    /// <summary>
    /// The time after which no more images are read, if some hundred have been; what was read is compared then. Default:
    /// 5 seconds.
    /// </summary>
    public TimeSpan ReadingTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The size down to which images may be decoded. With a <see cref="DataLoader"/>'s
    /// <see cref="DataLoader.DecodeSize"/>, cached images serve both. Default: twice the thumbnails'.
    /// </summary>
    public Size2 DecodeSize { get; init; } = new(2 * ThumbnailReader.MaxSide);

    /// <summary>The seed of the samples. Default: 0.</summary>
    public long Seed { get; init; }
}
