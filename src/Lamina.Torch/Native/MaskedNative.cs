using System.Runtime.InteropServices;

namespace Lamina.Torch;

/// <summary>
/// The functions of libtorch that compute or start threads, called with signals blocked, as <see cref="SignalMask"/>
/// explains.
/// </summary>
internal static unsafe partial class TorchNative
{
    public static int aoti_torch_copy_(nint self, nint source, int nonBlocking)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_copy_(self, source, nonBlocking);
    }

    public static int aoti_torch_zero_(nint self)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_zero_(self);
    }

    public static int aoti_torch_aten_fill__Scalar(nint self, double value)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_aten_fill__Scalar(self, value);
    }

    public static int aoti_torch_aten_subtract_Tensor(nint self, nint other, double alpha, nint* result)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_aten_subtract_Tensor(self, other, alpha, result);
    }

    public static int aoti_torch_aten_pad(nint self, long* pads, long padCount, byte* mode, double* value, nint* result)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_aten_pad(self, pads, padCount, mode, value, result);
    }

    public static int aoti_torch_cpu__linear_pointwise(
        nint x,
        nint weight,
        nint* bias,
        byte* attribute,
        double** scalars,
        long scalarCount,
        byte** algorithm,
        nint* result
    )
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_cpu__linear_pointwise(
            x,
            weight,
            bias,
            attribute,
            scalars,
            scalarCount,
            algorithm,
            result
        );
    }

    public static int torch_call_dispatcher(byte* op, byte* overload, ulong* stack, ulong abiVersion)
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.torch_call_dispatcher(op, overload, stack, abiVersion);
    }

    public static int torch_parallel_for(
        long begin,
        long end,
        long grainSize,
        delegate* unmanaged<long, long, void*, void> body,
        void* context
    )
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.torch_parallel_for(begin, end, grainSize, body, context);
    }

    public static int aoti_torch_cpu__qconv_pointwise_tensor(
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
    )
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_cpu__qconv_pointwise_tensor(
            x,
            inputScale,
            inputZeroPoint,
            packedWeight,
            weightScales,
            weightZeroPoints,
            bias,
            stride,
            strideCount,
            padding,
            paddingCount,
            dilation,
            dilationCount,
            groups,
            outputScale,
            outputZeroPoint,
            outputType,
            attribute,
            scalars,
            scalarCount,
            algorithm,
            result
        );
    }

    public static int aoti_torch_cpu__qlinear_pointwise_tensor(
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
    )
    {
        using SignalMask mask = SignalMask.Block();
        return Unmasked.aoti_torch_cpu__qlinear_pointwise_tensor(
            x,
            inputScale,
            inputZeroPoint,
            packedWeight,
            weightScales,
            weightZeroPoints,
            bias,
            outputScale,
            outputZeroPoint,
            outputType,
            attribute,
            scalars,
            scalarCount,
            algorithm,
            result
        );
    }

    private static partial class Unmasked
    {
        [LibraryImport(Library)]
        public static partial int aoti_torch_copy_(nint self, nint source, int nonBlocking);

        [LibraryImport(Library)]
        public static partial int aoti_torch_zero_(nint self);

        [LibraryImport(Library)]
        public static partial int aoti_torch_aten_fill__Scalar(nint self, double value);

        [LibraryImport(Library)]
        public static partial int aoti_torch_aten_subtract_Tensor(nint self, nint other, double alpha, nint* result);

        [LibraryImport(Library)]
        public static partial int aoti_torch_aten_pad(
            nint self,
            long* pads,
            long padCount,
            byte* mode,
            double* value,
            nint* result
        );

        [LibraryImport(Library)]
        public static partial int aoti_torch_cpu__linear_pointwise(
            nint x,
            nint weight,
            nint* bias,
            byte* attribute,
            double** scalars,
            long scalarCount,
            byte** algorithm,
            nint* result
        );

        [LibraryImport(Library)]
        public static partial int torch_call_dispatcher(byte* op, byte* overload, ulong* stack, ulong abiVersion);

        [LibraryImport(Library)]
        public static partial int torch_parallel_for(
            long begin,
            long end,
            long grainSize,
            delegate* unmanaged<long, long, void*, void> body,
            void* context
        );

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
}
