namespace Lamina.Inspect;

/// <summary>The options of <see cref="Tsne"/>.</summary>
public sealed record TsneOptions
{
    /// <summary>The effective number of neighbors of a point, from 1 to a third of the points. Default: 30.</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>The number of steps, at least 1. Default: 750.</summary>
    public int Steps { get; init; } = 750;

    /// <summary>The number of principal components that are compared; vectors with fewer numbers are used as they are. Default: 50.</summary>
    public int Components { get; init; } = 50;

    /// <summary>The seed of the principal components. Default: 0.</summary>
    public long Seed { get; init; }
}
