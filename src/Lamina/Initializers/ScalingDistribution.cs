namespace Lamina;

/// <summary>The distribution that a variance-scaling initializer draws from.</summary>
public enum ScalingDistribution
{
    /// <summary>
    /// The normal distribution, truncated at two standard deviations and widened to keep the variance.
    /// </summary>
    TruncatedNormal,

    /// <summary>The uniform distribution.</summary>
    Uniform,
}
