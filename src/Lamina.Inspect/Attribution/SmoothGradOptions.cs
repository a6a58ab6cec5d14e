namespace Lamina.Inspect;

/// <summary>The options of <see cref="Attributor.SmoothGrad"/>.</summary>
public sealed record SmoothGradOptions
{
    /// <summary>The number of noisy copies, at least 1. Default: 32.</summary>
    public int Copies { get; init; } = 32;

    /// <summary>The standard deviation of the noise as a fraction of the image's range, at least 0. Default: 0.15.</summary>
    public double Noise { get; init; } = 0.15;

    /// <summary>The seed of the noise. Default: 0.</summary>
    public long Seed { get; init; }

    internal void Validate()
    {
        if (Copies < 1 || !(Noise >= 0) || !double.IsFinite(Noise))
        {
            throw new LaminaException(
                $"SmoothGrad: {Copies} copies with noise {Noise}. There must be at least 1 copy, and the noise must be at least 0."
            );
        }
    }
}
