namespace Lamina.Runs;

/// <summary>Options of <see cref="RunLabeler"/>.</summary>
public sealed record LabelOptions
{
    /// <summary>The folder of images, at any depth.</summary>
    public required string Data { get; init; }

    /// <summary>
    /// The folder to write, new: a folder of links for each proposed class, and <c>labels.csv</c>.
    /// </summary>
    public required string Output { get; init; }

    /// <summary>The network whose features are grouped: a run, a model file, or a pretrained network.</summary>
    public required StartingWeights Weights { get; init; }

    /// <summary>The number of classes, at least 2. Default: <see langword="null"/>, the best separated number up to 20.</summary>
    public int? Classes { get; init; }

    /// <summary><see langword="true"/> to copy images instead of linking to them. Default: <see langword="false"/>.</summary>
    public bool Copy { get; init; }

    /// <summary>The seed of the search. Default: 0.</summary>
    public long Seed { get; init; }
}
