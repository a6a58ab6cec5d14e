namespace Lamina.Runs;

/// <summary>The options for loading a trained model.</summary>
public sealed record ClassifierOptions
{
    /// <summary><see langword="true"/> to use the quantized model of a run folder. Default: <see langword="false"/>.</summary>
    public bool Quantized { get; init; }

    /// <summary>
    /// The precision of dense weights; 16 bits are faster for single images. Default: float32.
    /// </summary>
    public WeightPrecision DensePrecision { get; init; }

    /// <summary>
    /// The device that computes. Default: <see langword="null"/>, <see cref="ComputeDevices.Best"/>; for a quantized model the CPU,
    /// the only one that it runs on.
    /// </summary>
    public Device? Device { get; init; }

    /// <summary>
    /// The precision in which it computes. Default: <see langword="null"/>, <see cref="ComputeDevices.DefaultPrecision"/>.
    /// </summary>
    public ComputePrecision? Precision { get; init; }

    /// <summary>
    /// <see langword="true"/> to divide scores by the temperature of <see cref="RunCalibrator"/>, which is kept in the run
    /// folder, so that probabilities are as high as they are right. Default: <see langword="false"/>.
    /// </summary>
    public bool Calibrated { get; init; }

    /// <summary>
    /// <see langword="true"/> to map the weights of a saved model instead of reading them, and to verify them while the
    /// first image is computed. For processes that end soon: the file must not be changed in place meanwhile.
    /// Default: <see langword="false"/>.
    /// </summary>
    internal bool MapsWeights { get; init; }

    /// <summary>The facts that the file does not contain. Default: none.</summary>
    public SourceSettings Source { get; init; } = new();
}
