using Lamina.Inspect;

namespace Lamina.Runs;

/// <summary>The calibration of a classifier.</summary>
/// <param name="Temperature">The divisor of the scores with the smallest loss.</param>
/// <param name="FittedOn">The number of images that the temperature was fitted on.</param>
/// <param name="Before">The calibration of the other images without it.</param>
/// <param name="After">The calibration of the other images with it.</param>
public sealed record CalibrationReport(double Temperature, int FittedOn, Calibration Before, Calibration After)
{
    /// <summary>The file with the temperature; <see langword="null"/> for a model that is not in a run folder.</summary>
    public string? File { get; init; }
}
