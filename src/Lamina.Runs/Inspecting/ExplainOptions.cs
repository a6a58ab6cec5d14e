namespace Lamina.Runs;

/// <summary>The options of <see cref="RunExplainer"/>.</summary>
public sealed record ExplainOptions
{
    /// <summary>The methods, in the order of the picture. Default: all that the model allows.</summary>
    public IReadOnlyList<ExplainMethod>? Methods { get; init; }

    /// <summary>The class to explain. Default: <see langword="null"/>, the most probable of each image.</summary>
    public string? Class { get; init; }

    /// <summary>
    /// The name of the layer of Grad-CAM and Grad-CAM++. Default: <see langword="null"/>, the last convolution.
    /// </summary>
    public string? Layer { get; init; }

    /// <summary>
    /// <see langword="true"/> to measure how far to trust each map, by deleting and inserting pixels. Default:
    /// <see langword="true"/>.
    /// </summary>
    public bool Curves { get; init; } = true;
}
