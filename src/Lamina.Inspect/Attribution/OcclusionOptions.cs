namespace Lamina.Inspect;

/// <summary>The options of <see cref="Attributor.Occlusion"/>.</summary>
public sealed record OcclusionOptions
{
    /// <summary>The side of the square in pixels. Default: 0, a fifth of the image's shorter side.</summary>
    public int Window { get; init; }

    /// <summary>The pixels between squares. Default: 0, half of the window.</summary>
    public int Stride { get; init; }

    /// <summary>The value of covered pixels, prepared. Default: 0, mostly the mean color.</summary>
    public float Fill { get; init; }
}
