namespace Lamina.Runs;

/// <summary>The training images that are nearest to some images.</summary>
/// <param name="Images">The images, in their order.</param>
/// <param name="Layer">The layer whose outputs were compared.</param>
/// <param name="Features">The number of outputs of that layer.</param>
/// <param name="Searched">The number of images that were searched.</param>
public sealed record NeighborReport(IReadOnlyList<ImageNeighbors> Images, string Layer, int Features, int Searched)
{
    internal LabeledImages Source { get; init; } = null!;

    internal IReadOnlyList<NDArray> Prepared { get; init; } = [];
}

/// <summary>The neighbors of one image.</summary>
/// <param name="Image">The name of the image.</param>
/// <param name="Prediction">Its most probable class.</param>
/// <param name="Neighbors">The nearest images, the nearest first.</param>
public sealed record ImageNeighbors(string Image, ClassScore Prediction, IReadOnlyList<NeighborImage> Neighbors);

/// <summary>A near image.</summary>
/// <param name="Name">The path of the image, or its file and number.</param>
/// <param name="Class">Its class.</param>
/// <param name="Distance">The Euclidean distance of the features.</param>
/// <param name="Index">The index of the image among the searched ones.</param>
public sealed record NeighborImage(string Name, string Class, double Distance, int Index);
