namespace Lamina.Quantization;

/// <summary>The mapping y = x · multiplier + offset, for each channel or for all (one element).</summary>
internal readonly record struct ChannelMap(float[] Multiplier, float[] Offset)
{
    /// <summary>The identity.</summary>
    public static ChannelMap Identity { get; } = new([1], [0]);
}
