namespace Lamina;

/// <summary>How calibration chooses the range of values that a byte has to hold; what lies beyond is cut off.</summary>
public enum QuantizationMethod
{
    /// <summary>All values seen: from the least to the largest.</summary>
    MinMax,

    /// <summary>All but the outermost: the share that <see cref="QuantizeOptions.Percentile"/> says.</summary>
    Percentile,

    /// <summary>
    /// The range whose bytes say most of what the values say: the least Kullback–Leibler divergence (S. Migacz, "8-bit
    /// Inference with TensorRT", GTC 2017), of those that keep at least 99.9 % of the values.
    /// </summary>
    Entropy,
}
