namespace Lamina.Inspect;

/// <summary>The options of <see cref="Adversary"/>.</summary>
public sealed record AttackOptions
{
    /// <summary>
    /// The number of steps: 1 for the fast gradient sign method (Goodfellow et al., 2015), more for projected gradient descent
    /// (Madry et al., 2018). Default: 1.
    /// </summary>
    public int Steps { get; init; } = 1;

    /// <summary>The length of a step as a fraction of epsilon, above 0. Default: 1 for one step, else 2.5 ÷ steps.</summary>
    public double? StepSize { get; init; }

    /// <summary>
    /// <see langword="true"/> to start at a random image within epsilon. Default: <see langword="false"/>.
    /// </summary>
    public bool RandomStart { get; init; }

    /// <summary>The seed of random starts. Default: 0.</summary>
    public long Seed { get; init; }

    internal void Validate()
    {
        if (Steps < 1 || StepSize is { } size && !(size > 0 && double.IsFinite(size)))
        {
            throw new LaminaException(
                $"an attack of {Steps} steps of size {StepSize}: there must be a step, of a size above 0."
            );
        }
    }
}
