namespace Lamina.Hdf5;

/// <summary>Datatype messages of version 1, as libhdf5 writes them.</summary>
internal static class Hdf5OutputTypes
{
    /// <summary>Unsigned 32-bit integers: class 0, 4 bytes, bits 0 to 32.</summary>
    public static byte[] UInt32 { get; } = [0x10, 0, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0];

    /// <summary>
    /// IEEE float32: class 1, the mantissa's first bit implied, sign at bit 31; 4 bytes; exponent of 8 bits at 23,
    /// mantissa of 23 at 0, bias 127.
    /// </summary>
    public static byte[] Float32 { get; } = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];

    /// <summary>References of 16 bytes to UTF-8 texts of any length: class 9, of single bytes.</summary>
    public static byte[] Text { get; } = [0x19, 0x01, 0x01, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
}
