namespace Lamina.Runs;

/// <summary>The progress of computing the features of images.</summary>
/// <param name="Done">The images that are done, counting each view.</param>
/// <param name="Total">All of them.</param>
/// <param name="ImagesPerSecond">The images that are computed per second; those that were read from disk do not count.</param>
/// <param name="Remaining">The time left; <see cref="TimeSpan.Zero"/> when all are done.</param>
public sealed record FeatureProgress(int Done, int Total, double ImagesPerSecond, TimeSpan Remaining);
