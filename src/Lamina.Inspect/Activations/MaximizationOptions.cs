namespace Lamina.Inspect;

/// <summary>The options of <see cref="ActivationMaximization"/>.</summary>
public sealed record MaximizationOptions
{
    /// <summary>The number of steps, at least 1. Default: 160.</summary>
    public int Steps { get; init; } = 160;

    /// <summary>The length of a step, as a fraction of the range of pixels per pixel. Default: 0.02.</summary>
    public double Rate { get; init; } = 0.02;

    /// <summary>The most pixels by which the image is shifted at random before each step. Default: 3.</summary>
    public int Jitter { get; init; } = 3;

    /// <summary>The standard deviation in pixels of the blur after each fourth step; 0 for none. Default: 0.6.</summary>
    public double Blur { get; init; } = 0.6;

    /// <summary>The seed of the first image and the shifts. Default: 0.</summary>
    public long Seed { get; init; }
}
