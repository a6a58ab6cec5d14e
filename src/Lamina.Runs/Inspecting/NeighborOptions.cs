namespace Lamina.Runs;

/// <summary>The options of <see cref="RunNeighbors"/>.</summary>
public sealed record NeighborOptions
{
    /// <summary>The number of neighbors of each image, 1 to 100. Default: 6, as in the paper's figure.</summary>
    public int Count { get; init; } = 6;

    /// <summary>
    /// The folder of the images to search, with a subfolder per class. Default: <see langword="null"/>, the training images of
    /// the run.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>The format of <see cref="Data"/>. Default: <see langword="null"/>, detected.</summary>
    public DataFormat? Format { get; init; }

    /// <summary>
    /// The layer whose output is compared. Default: <see langword="null"/>, the last hidden layer.
    /// </summary>
    public string? Layer { get; init; }

    /// <summary>
    /// The folder that keeps the features of the searched images for the next search. Default: <see langword="null"/>,
    /// <c>.features</c> beside the run.
    /// </summary>
    public string? Cache { get; init; }
}
