namespace Lamina;

/// <summary>How many bits a weight is kept in for predictions. Sums are computed in float32 either way.</summary>
public enum WeightPrecision
{
    /// <summary>32 bits: the weights as they were trained.</summary>
    Float32,

    /// <summary>
    /// 16 bits, 10 of them after the point: each weight is off by 1/2048 of itself at most. Where reading the weights takes
    /// the time, as with single images, half the bytes are nearly half the time.
    /// </summary>
    Float16,
}
