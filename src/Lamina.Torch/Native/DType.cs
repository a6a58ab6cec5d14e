namespace Lamina.Torch;

/// <summary>The element types that the engine uses, numbered as libtorch numbers them.</summary>
internal enum DType
{
    UInt8 = 0,
    Int8 = 1,
    Int32 = 3,
    Int64 = 4,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
}

internal static class DTypes
{
    /// <summary>Bytes an element.</summary>
    public static int Size(this DType type) =>
        type switch
        {
            DType.UInt8 or DType.Int8 or DType.Bool => 1,
            DType.Int32 or DType.Float32 => 4,
            DType.Int64 or DType.Float64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(type), $"{type} is no element type of the engine."),
        };
}

/// <summary>Where a tensor's memory is.</summary>
/// <param name="Type">libtorch's number of the kind of device: 0 CPU, 1 CUDA.</param>
/// <param name="Index">Which of its kind.</param>
internal readonly record struct Device(int Type, int Index)
{
    /// <summary>The processor.</summary>
    public static Device Cpu => default;

    /// <summary>An NVIDIA GPU.</summary>
    public static Device Cuda(int index = 0) => new(1, index);

    /// <summary>Whether memory here can be read by a pointer.</summary>
    public bool IsCpu => Type == 0;

    /// <inheritdoc/>
    public override string ToString() => IsCpu ? "cpu" : $"cuda:{Index}";
}
