namespace Lamina;

/// <summary>
/// The precision in which weights are kept for predictions. Sums are computed in float32 in either case.
/// </summary>
public enum WeightPrecision
{
    /// <summary>The precision of training, 32 bits.</summary>
    Float32,

    /// <summary>
    /// Half precision, 16 bits with a 10-bit fraction: the relative error of a weight is at most 1/2048. If reading the weights
    /// dominates, as with single images, half the bytes take nearly half the time.
    /// </summary>
    Float16,
}
