namespace Lamina;

/// <summary>The element types of safetensors files that fill whole bytes.</summary>
public enum SafetensorsDtype
{
    /// <summary>A byte, 0 or 1.</summary>
    Bool,

    /// <summary>An unsigned integer of 8 bits.</summary>
    U8,

    /// <summary>A signed integer of 8 bits.</summary>
    I8,

    /// <summary>A floating-point number of 8 bits, 5 of them exponent.</summary>
    F8E5M2,

    /// <summary>A floating-point number of 8 bits, 4 of them exponent.</summary>
    F8E4M3,

    /// <summary>A signed integer of 16 bits.</summary>
    I16,

    /// <summary>An unsigned integer of 16 bits.</summary>
    U16,

    /// <summary>A floating-point number of IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of a float32.</summary>
    BF16,

    /// <summary>A signed integer of 32 bits.</summary>
    I32,

    /// <summary>An unsigned integer of 32 bits.</summary>
    U32,

    /// <summary>A floating-point number of IEEE single precision.</summary>
    F32,

    /// <summary>A signed integer of 64 bits.</summary>
    I64,

    /// <summary>An unsigned integer of 64 bits.</summary>
    U64,

    /// <summary>A floating-point number of IEEE double precision.</summary>
    F64,

    /// <summary>A complex number of two float32: real and imaginary part.</summary>
    C64,
}

/// <summary>The names and sizes of the element types.</summary>
internal static class SafetensorsDtypes
{
    /// <summary>Returns the size of an element in bytes.</summary>
    public static int Size(this SafetensorsDtype dtype) =>
        dtype switch
        {
            <= SafetensorsDtype.F8E4M3 => 1,
            <= SafetensorsDtype.BF16 => 2,
            <= SafetensorsDtype.F32 => 4,
            _ => 8,
        };

    /// <summary>Returns the name in the file.</summary>
    public static string FileName(this SafetensorsDtype dtype) =>
        dtype switch
        {
            SafetensorsDtype.Bool => "BOOL",
            SafetensorsDtype.F8E5M2 => "F8_E5M2",
            SafetensorsDtype.F8E4M3 => "F8_E4M3",
            _ => dtype.ToString(),
        };

    /// <summary>Returns the type with this name in the file; <see langword="null"/> if it is unknown.</summary>
    public static SafetensorsDtype? FromFileName(string name)
    {
        foreach (SafetensorsDtype dtype in Enum.GetValues<SafetensorsDtype>())
        {
            if (dtype.FileName() == name)
            {
                return dtype;
            }
        }
        return null;
    }
}
