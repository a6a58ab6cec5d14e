using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>oneDNN's integer convolution and matrix product.</summary>
internal static unsafe partial class TorchNative
{
    [LibraryImport(Library)]
    public static partial int aoti_torch_cpu__qconv_pointwise_tensor(
        nint x,
        nint inputScale,
        nint inputZeroPoint,
        nint packedWeight,
        nint weightScales,
        nint weightZeroPoints,
        nint* bias,
        long* stride,
        long strideCount,
        long* padding,
        long paddingCount,
        long* dilation,
        long dilationCount,
        long groups,
        double outputScale,
        long outputZeroPoint,
        int* outputType,
        byte* attribute,
        double** scalars,
        long scalarCount,
        byte** algorithm,
        nint* result
    );

    [LibraryImport(Library)]
    public static partial int aoti_torch_cpu__qlinear_pointwise_tensor(
        nint x,
        nint inputScale,
        nint inputZeroPoint,
        nint packedWeight,
        nint weightScales,
        nint weightZeroPoints,
        nint* bias,
        double outputScale,
        long outputZeroPoint,
        int* outputType,
        byte* attribute,
        double** scalars,
        long scalarCount,
        byte* algorithm,
        nint* result
    );
}
