using ILGPU;

namespace Lamina.Gpu.Kernels;

/// <summary>Conversions between float32 and the bits of bfloat16, for code that runs on a GPU.</summary>
internal static class BFloat
{
    private const uint Magnitude = 0x7fffffff;
    private const uint Infinity = 0x7f800000;

    /// <summary>Returns the value of the bits, which float32 holds exactly.</summary>
    public static float ToFloat(ushort bits) => Interop.IntAsFloat((uint)bits << 16);

    /// <summary>Returns the bits of the nearest bfloat16, of two as near the even one; NaN stays NaN.</summary>
    public static ushort Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return (bits & Magnitude) > Infinity
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
