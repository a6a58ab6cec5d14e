namespace Lamina;

/// <summary>The types of a tensor's elements in files.</summary>
internal enum ElementType
{
    Bool,
    UInt8,
    Int8,
    Int16,
    UInt16,
    Float16,
    BFloat16,
    Int32,
    UInt32,
    Float32,
    Int64,
    UInt64,
    Float64,

    /// <summary>Known only by its size: complex, quantized and 8-bit floating-point numbers.</summary>
    Other8,
    Other32,
    Other64,
    Other128,
}

/// <summary>The sizes of elements, and their conversion to float32.</summary>
internal static class ElementTypes
{
    /// <summary>Returns the size of an element in bytes.</summary>
    public static int Size(this ElementType type) =>
        type switch
        {
            ElementType.Bool or ElementType.UInt8 or ElementType.Int8 or ElementType.Other8 => 1,
            <= ElementType.BFloat16 => 2,
            <= ElementType.Float32 or ElementType.Other32 => 4,
            ElementType.Other128 => 16,
            _ => 8,
        };

    /// <summary>Returns <see langword="true"/> if <see cref="ToFloats"/> supports the type.</summary>
    public static bool HasValues(this ElementType type) => type < ElementType.Other8;

    /// <summary>Converts elements, rounding to the nearest float32.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="bytes">Whole elements in this machine's byte order.</param>
    /// <param name="values">The results, one per element.</param>
    public static void ToFloats(this ElementType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case ElementType.Bool:
                Convert<byte>(bytes, values, v => v != 0 ? 1 : 0);
                break;
            case ElementType.UInt8:
                Convert<byte>(bytes, values, v => v);
                break;
            case ElementType.Int8:
                Convert<sbyte>(bytes, values, v => v);
                break;
            case ElementType.Int16:
                Convert<short>(bytes, values, v => v);
                break;
            case ElementType.UInt16:
                Convert<ushort>(bytes, values, v => v);
                break;
            case ElementType.Float16:
                Convert<Half>(bytes, values, v => (float)v);
                break;
            case ElementType.BFloat16:
                // The upper half of a float32.
                Convert<ushort>(bytes, values, v => BitConverter.UInt32BitsToSingle((uint)v << 16));
                break;
            case ElementType.Int32:
                Convert<int>(bytes, values, v => v);
                break;
            case ElementType.UInt32:
                Convert<uint>(bytes, values, v => v);
                break;
            case ElementType.Float32:
                bytes.CopyTo(AsBytes(values));
                break;
            case ElementType.Int64:
                Convert<long>(bytes, values, v => v);
                break;
            case ElementType.UInt64:
                Convert<ulong>(bytes, values, v => v);
                break;
            case ElementType.Float64:
                Convert<double>(bytes, values, v => (float)v);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "These elements have no values.");
        }
    }

    /// <summary>Reverses the bytes of each element.</summary>
    public static void SwapBytes(this ElementType type, Span<byte> bytes)
    {
        int size = type.Size();
        for (int i = 0; size > 1 && i < bytes.Length; i += size)
        {
            bytes.Slice(i, size).Reverse();
        }
    }

    private static void Convert<T>(ReadOnlySpan<byte> bytes, Span<float> values, Func<T, float> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < source.Length; i++)
        {
            values[i] = convert(source[i]);
        }
    }

    private static Span<byte> AsBytes(Span<float> values) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(values);
}
