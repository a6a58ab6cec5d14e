namespace Lamina;

/// <summary>
/// The method by which calibration chooses the range of values that a byte represents; values beyond it are clipped.
/// </summary>
public enum QuantizationMethod
{
    /// <summary>The range of all values, from the least to the greatest.</summary>
    MinMax,

    /// <summary>
    /// The range of all but the outermost values, by the share of <see cref="QuantizeOptions.Percentile"/>.
    /// </summary>
    Percentile,

    /// <summary>
    /// The range whose bytes preserve most information: the least Kullback–Leibler divergence (S. Migacz, "8-bit
    /// Inference with TensorRT", GTC 2017), of those that keep at least 99.9 % of the values.
    /// </summary>
    Entropy,
}
