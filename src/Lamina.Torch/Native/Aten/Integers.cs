using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>
/// Products of bytes (0 to 255) and signed bytes, summed exactly in 32 bits by oneDNN on processors with VNNI. An
/// output is <c>sum · multiplier[o] + offset[o]</c> in float32; as a byte it is rounded to the nearest, ties to even,
/// and saturates.
/// </summary>
internal static unsafe partial class Aten
{
    /// <summary><see langword="true"/> if libtorch has these ops and the processor sums exactly.</summary>
    public static bool HasIntegerOps
    {
        get
        {
            TorchLibrary.Use();
            return TorchLibrary.HasIntegerOps;
        }
    }

    /// <summary>Packs kernels for <see cref="IntegerConvolution"/>, for any batch size.</summary>
    /// <param name="kernel">Signed bytes, logical (O, I / groups, kh, kw), channels last.</param>
    /// <param name="multiplier">The multipliers of the outputs, (O).</param>
    /// <param name="strides">The strides of rows and columns.</param>
    /// <param name="padding">The padding of rows and columns, equal on both sides.</param>
    /// <param name="dilation">The dilation of rows and columns.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="inputSizes">The images, logical (N, C, H, W).</param>
    public static PackedTensor PackConvolution(
        Tensor kernel,
        Tensor multiplier,
        long[] strides,
        long[] padding,
        long[] dilation,
        long groups,
        long[] inputSizes
    ) =>
        Dispatcher.CallPacked(
            "onednn::qconv_prepack"u8,
            kernel,
            multiplier,
            1.0,
            0L,
            strides,
            padding,
            dilation,
            groups,
            Arg.Some(inputSizes)
        );

    /// <summary>Packs a matrix for <see cref="IntegerLinear"/>, for any number of rows.</summary>
    /// <param name="kernel">Signed bytes, (O, I), contiguous.</param>
    /// <param name="inputSizes">The rows, (N, I).</param>
    public static PackedTensor PackLinear(Tensor kernel, long[] inputSizes) =>
        Dispatcher.CallPacked("onednn::qlinear_prepack"u8, kernel, Arg.Some(inputSizes));

    /// <summary>Returns the cross-correlation of bytes. Padding consists of bytes of 0.</summary>
    /// <param name="x">The images, bytes, logical (N, C, H, W), channels last.</param>
    /// <param name="weights">The packed weights with the scaling of the sums.</param>
    /// <param name="strides">The strides of rows and columns.</param>
    /// <param name="padding">The padding of rows and columns, equal on both sides.</param>
    /// <param name="dilation">The dilation of rows and columns.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="output">The output type, bytes or float32.</param>
    /// <param name="relu"><see langword="true"/> to replace values below 0 by 0.</param>
    public static Tensor IntegerConvolution(
        Tensor x,
        IntegerWeights weights,
        long[] strides,
        long[] padding,
        long[] dilation,
        long groups,
        DType output,
        bool relu
    )
    {
        TorchLibrary.Use();
        nint result;
        nint bias = weights.Offset.Handle;
        var type = (int)output;
        int rc;
        fixed (long* stride = strides)
        fixed (long* pad = padding)
        fixed (long* dilate = dilation)
        fixed (byte* attribute = relu ? "relu"u8 : "none"u8)
        {
            rc = aoti_torch_cpu__qconv_pointwise_tensor(
                x.Handle,
                weights.One.Handle,
                weights.Zero.Handle,
                weights.Packed.Handle,
                weights.Multiplier.Handle,
                weights.Zeros.Handle,
                &bias,
                stride,
                2,
                pad,
                2,
                dilate,
                2,
                groups,
                1,
                0,
                &type,
                attribute,
                null,
                0,
                null,
                &result
            );
        }
        GC.KeepAlive(x);
        GC.KeepAlive(weights);
        return rc == 0
            ? new Tensor(result)
            : throw new TorchException(
                $"onednn::qconv_pointwise failed in libtorch on {x}; its message is on standard error."
            );
    }

    /// <summary>Returns x · kernelᵀ of bytes.</summary>
    /// <param name="x">The rows, bytes, (N, I), contiguous.</param>
    /// <param name="weights">The packed weights with the scaling of the sums.</param>
    /// <param name="output">The output type, bytes or float32.</param>
    /// <param name="relu"><see langword="true"/> to replace values below 0 by 0.</param>
    public static Tensor IntegerLinear(Tensor x, IntegerWeights weights, DType output, bool relu)
    {
        TorchLibrary.Use();
        nint result;
        nint bias = weights.Offset.Handle;
        var type = (int)output;
        int rc;
        fixed (byte* attribute = relu ? "relu"u8 : "none"u8)
        fixed (byte* algorithm = "\0"u8)
        {
            rc = aoti_torch_cpu__qlinear_pointwise_tensor(
                x.Handle,
                weights.One.Handle,
                weights.Zero.Handle,
                weights.Packed.Handle,
                weights.Multiplier.Handle,
                weights.Zeros.Handle,
                &bias,
                1,
                0,
                &type,
                attribute,
                null,
                0,
                algorithm,
                &result
            );
        }
        GC.KeepAlive(x);
        GC.KeepAlive(weights);
        return rc == 0
            ? new Tensor(result)
            : throw new TorchException(
                $"onednn::qlinear_pointwise failed in libtorch on {x}; its message is on standard error."
            );
    }
}

/// <summary>Packed weights, with the scaling of an integer op's sums.</summary>
/// <param name="packed">The weights.</param>
/// <param name="multiplier">The multiplier of each output, (O).</param>
/// <param name="offset">The offset of each output, (O).</param>
internal sealed class IntegerWeights(PackedTensor packed, Tensor multiplier, Tensor offset) : IDisposable
{
    public PackedTensor Packed { get; } = packed;

    public Tensor Multiplier { get; } = multiplier;

    public Tensor Offset { get; } = offset;

    /// <summary>The weights' zero points, all 0: they are symmetric.</summary>
    public Tensor Zeros { get; } = Tensor.Zeros(multiplier.Sizes, DType.Int32);

    /// <summary>The input's scale, 1: it is in the multipliers already.</summary>
    public Tensor One { get; } = Tensor.FromSpan([1f], [1]);

    /// <summary>The input's zero point, 0: it is in the offsets already.</summary>
    public Tensor Zero { get; } = Tensor.Zeros([1], DType.Int32);

    /// <inheritdoc/>
    public void Dispose()
    {
        Packed.Dispose();
        Multiplier.Dispose();
        Offset.Dispose();
        Zeros.Dispose();
        One.Dispose();
        Zero.Dispose();
    }
}
