using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina;

/// <summary>Conversion between float32 and bfloat16, which is its upper half: 8 bits of exponent, 7 of fraction.</summary>
internal static class BFloat16Values
{
    private const uint QuietNaN = 0x40;

    /// <summary>Rounds to the nearest, halves to even.</summary>
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)(float.IsNaN(value) ? (bits >> 16) | QuietNaN : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Returns the same value as float32.</summary>
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Rounds values to the nearest, halves to even.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<ushort> rounded)
    {
        int i = 0;
        ref float source = ref MemoryMarshal.GetReference(values);
        ref ushort target = ref MemoryMarshal.GetReference(rounded[..values.Length]);
        for (; i <= values.Length - (2 * Vector256<float>.Count); i += 2 * Vector256<float>.Count)
        {
            Vector256<uint> low = Round(Vector256.LoadUnsafe(ref source, (nuint)i));
            Vector256<uint> high = Round(Vector256.LoadUnsafe(ref source, (nuint)(i + Vector256<float>.Count)));
            Vector256.Narrow(low, high).StoreUnsafe(ref target, (nuint)i);
        }
        for (; i < values.Length; i++)
        {
            rounded[i] = Round(values[i]);
        }
    }

    /// <summary>Converts values to float32.</summary>
    public static void Widen(ReadOnlySpan<ushort> values, Span<float> widened)
    {
        int i = 0;
        ref ushort source = ref MemoryMarshal.GetReference(values);
        ref float target = ref MemoryMarshal.GetReference(widened[..values.Length]);
        for (; i <= values.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.LoadUnsafe(ref source, (nuint)i));
            (low << 16).AsSingle().StoreUnsafe(ref target, (nuint)i);
            (high << 16).AsSingle().StoreUnsafe(ref target, (nuint)(i + Vector256<float>.Count));
        }
        for (; i < values.Length; i++)
        {
            widened[i] = Widen(values[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        Vector256<uint> upper = bits >> 16;
        Vector256<uint> rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >> 16;
        return Vector256.ConditionalSelect(
            Vector256.Equals(values, values).AsUInt32(),
            rounded,
            upper | Vector256.Create(QuietNaN)
        );
    }
}
