namespace Lamina.Torch;

/// <summary>The element types that the engine uses, with libtorch's numbers.</summary>
internal enum DType
{
    UInt8 = 0,
    Int8 = 1,
    Int32 = 3,
    Int64 = 4,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
    BFloat16 = 15,
}

internal static class DTypes
{
    /// <summary>Returns the size of an element in bytes.</summary>
    public static int Size(this DType type) =>
        type switch
        {
            DType.UInt8 or DType.Int8 or DType.Bool => 1,
            DType.BFloat16 => 2,
            DType.Int32 or DType.Float32 => 4,
            DType.Int64 or DType.Float64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), $"{type} is not an element type of the engine."),
        };
}
