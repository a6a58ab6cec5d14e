using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>A 16-bit format of weights.</summary>
[SuppressMessage("Design", "CA1000", Justification = "Compile-time constants of a type argument.")]
internal unsafe interface IHalfFormat
{
    /// <summary>Returns the powers of two by which the columns of a matrix are multiplied before they are rounded.</summary>
    static abstract float[] Factors(Tensor weight);

    /// <summary>Rounds a number to the nearest, ties to even.</summary>
    static abstract short Round(float value);

    /// <summary>The exponent of the power of two by which <see cref="Widen"/> is too small.</summary>
    static abstract int Exponent { get; }

    /// <summary>Reads a vector, times 2 to the power of −<see cref="Exponent"/>.</summary>
    static abstract TVector Widen<TVector>(short* from)
        where TVector : unmanaged, IFloats<TVector>;
}

/// <summary>
/// Half precision (<see cref="Half"/>), with each column scaled by a power of two that puts its largest value below 2¹⁵. A value
/// then has a relative error of at most 2⁻¹¹, and underflows only where that is negligible.
/// </summary>
internal readonly unsafe struct HalfFormat : IHalfFormat
{
    private const int LargestExponent = 14;

    /// <inheritdoc/>
    public static int Exponent => 112;

    /// <inheritdoc/>
    public static float[] Factors(Tensor weight)
    {
        int columns = (int)weight.Sizes[1];
        var largest = new float[columns];
        ReadOnlySpan<float> values = weight.AsSpan();
        for (int start = 0; start < values.Length; start += columns)
        {
            for (int column = 0; column < columns; column++)
            {
                largest[column] = Math.Max(largest[column], Math.Abs(values[start + column]));
            }
        }
        return [.. largest.Select(Factor)];
    }

    /// <inheritdoc/>
    public static short Round(float value) => BitConverter.HalfToInt16Bits((Half)value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Widen<TVector>(short* from)
        where TVector : unmanaged, IFloats<TVector> => TVector.Widen(from);

    private static float Factor(float most)
    {
        if (!float.IsFinite(most))
        {
            throw new LaminaException(
                "Weights that are not finite cannot be stored in 16 bits. Train again, or use float32."
            );
        }
        int exponent = most > 0 ? Math.Clamp(LargestExponent - (int)Math.Floor(Math.Log2(most)), -100, 100) : 0;
        return MathF.ScaleB(1, exponent);
    }
}

/// <summary>Bfloat16, the upper half of a float32.</summary>
internal readonly unsafe struct BFloat16Format : IHalfFormat
{
    /// <inheritdoc/>
    public static int Exponent => 0;

    /// <inheritdoc/>
    public static float[] Factors(Tensor weight)
    {
        var factors = new float[weight.Sizes[1]];
        Array.Fill(factors, 1);
        return factors;
    }

    /// <inheritdoc/>
    public static short Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        // A NaN whose payload is in the lower half must not become infinity.
        uint rounded = float.IsNaN(value) ? bits | 0x400000 : bits + 0x7fff + ((bits >> 16) & 1);
        return (short)(rounded >> 16);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Widen<TVector>(short* from)
        where TVector : unmanaged, IFloats<TVector> => TVector.WidenUpper(from);
}
