namespace Lamina;

/// <summary>The limits of <see cref="Baselines.Compute"/>.</summary>
public sealed record BaselineOptions
{
    /// <summary>The most training images to compare with, at least 1. Default: 5000.</summary>
    public int MaxReferences { get; init; } = 5000;

    /// <summary>The most test images to classify, at least 1. Default: 1000.</summary>
    public int MaxQueries { get; init; } = 1000;

    /// <summary>
    /// The time limit for reading images, once a few hundred are read; those are then compared. Default: 5 seconds.
    /// </summary>
    public TimeSpan ReadingTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The size down to which images may be decoded. Use <see cref="DataLoader.DecodeSize"/> of a <see cref="DataLoader"/>
    /// to share cached images with it. Default: twice the size of the thumbnails.
    /// </summary>
    public Size2 DecodeSize { get; init; } = new(2 * ThumbnailReader.MaxSide);

    /// <summary>The seed of the random samples. Default: 0.</summary>
    public long Seed { get; init; }
}
