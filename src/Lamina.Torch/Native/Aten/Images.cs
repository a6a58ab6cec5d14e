using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>Images here are in libtorch's logical order (N, C, H, W), channels last in memory.</summary>
internal static unsafe partial class Aten
{
    private static readonly long[] s_zeros = [0, 0];
    private static readonly long[] s_ones = [1, 1];

    /// <summary>Returns the cross-correlation with zero padding.</summary>
    public static Tensor Convolution(
        Tensor x,
        Tensor weight,
        Tensor? bias,
        long[] strides,
        long[] padding,
        long[] dilation,
        long groups
    ) =>
        Dispatcher.Call(
            "aten::convolution"u8,
            default,
            x,
            weight,
            Arg.Some(bias),
            strides,
            padding,
            dilation,
            false,
            s_zeros,
            groups
        );

    /// <summary>
    /// Computes the gradients of input, weight and bias that the mask selects; the others become
    /// <see langword="null"/>.
    /// </summary>
    public static void ConvolutionBackward(
        Tensor gradient,
        Tensor x,
        Tensor weight,
        long[] strides,
        long[] padding,
        long[] dilation,
        long groups,
        bool[] mask,
        Span<Tensor?> results
    ) =>
        Dispatcher.CallMany(
            "aten::convolution_backward"u8,
            default,
            results,
            gradient,
            x,
            weight,
            mask[2] ? Arg.Some([weight.Sizes[0]]) : Arg.None,
            strides,
            padding,
            dilation,
            false,
            s_zeros,
            groups,
            mask
        );

    /// <summary>Returns the transposed convolution, with pixels cut from both sides and added at the ends.</summary>
    public static Tensor ConvolutionTranspose(
        Tensor x,
        Tensor weight,
        Tensor? bias,
        long[] strides,
        long[] padding,
        long[] dilation,
        long[] added
    ) =>
        Dispatcher.Call(
            "aten::convolution"u8,
            default,
            x,
            weight,
            Arg.Some(bias),
            strides,
            padding,
            dilation,
            true,
            added,
            1L
        );

    /// <summary>
    /// Computes the gradients of input, weight and bias of a transposed convolution that the mask selects; the others
    /// become <see langword="null"/>.
    /// </summary>
    public static void ConvolutionTransposeBackward(
        Tensor gradient,
        Tensor x,
        Tensor weight,
        long[] strides,
        long[] padding,
        long[] dilation,
        long[] added,
        bool[] mask,
        Span<Tensor?> results
    ) =>
        Dispatcher.CallMany(
            "aten::convolution_backward"u8,
            default,
            results,
            gradient,
            x,
            weight,
            mask[2] ? Arg.Some([weight.Sizes[1]]) : Arg.None,
            strides,
            padding,
            dilation,
            true,
            added,
            1L,
            mask
        );

    /// <summary>Returns the maximum of each window and its position.</summary>
    public static (Tensor Output, Tensor Indices) MaxPool(Tensor x, long[] window, long[] strides, long[] padding)
    {
        var results = new Tensor?[2];
        Dispatcher.CallMany(
            "aten::max_pool2d_with_indices"u8,
            default,
            results,
            x,
            window,
            strides,
            padding,
            s_ones,
            false
        );
        return (results[0]!, results[1]!);
    }

    /// <summary>
    /// Writes the input's gradient of <see cref="MaxPool"/> into <paramref name="result"/>, of the input's sizes.
    /// </summary>
    public static void MaxPoolBackward(
        Tensor gradient,
        Tensor indices,
        Tensor result,
        long[] window,
        long[] strides,
        long[] padding
    ) =>
        // Only the sizes of the input are read, so the result stands in for it and the input need not be kept.
        Dispatcher.CallInPlace(
            "aten::max_pool2d_with_indices_backward"u8,
            "grad_input"u8,
            gradient,
            result,
            window,
            strides,
            padding,
            s_ones,
            false,
            indices,
            result
        );

    /// <summary>Returns the mean of each window, padding excluded.</summary>
    public static Tensor AveragePool(Tensor x, long[] window, long[] strides, long[] padding) =>
        Dispatcher.Call("aten::avg_pool2d"u8, default, x, window, strides, padding, false, false, Arg.None);

    /// <summary>
    /// Returns, for each element of the last of four dimensions, the mean over it and its neighbors on both sides, with
    /// zeros beyond the ends.
    /// </summary>
    /// <param name="x">A contiguous tensor.</param>
    /// <param name="size">The number of elements in a mean, odd.</param>
    public static Tensor NeighborMeans(Tensor x, long size) =>
        Dispatcher.Call(
            "aten::avg_pool2d"u8,
            default,
            x,
            new[] { 1, size },
            s_ones,
            new[] { 0, size / 2 },
            false,
            true,
            Arg.None
        );

    /// <summary>Writes the input's gradient of <see cref="AveragePool"/> into <paramref name="result"/>, of the input's sizes.</summary>
    public static void AveragePoolBackward(
        Tensor gradient,
        Tensor result,
        long[] window,
        long[] strides,
        long[] padding
    ) =>
        Dispatcher.CallInPlace(
            "aten::avg_pool2d_backward"u8,
            "grad_input"u8,
            gradient,
            result,
            window,
            strides,
            padding,
            false,
            false,
            Arg.None,
            result
        );

    /// <summary>Returns the means over windows that divide the image into a number of rows and columns.</summary>
    public static Tensor AdaptiveAveragePool(Tensor x, long[] output) =>
        Dispatcher.Call("aten::_adaptive_avg_pool2d"u8, default, x, output);

    /// <summary>
    /// Returns the input's gradient of <see cref="AdaptiveAveragePool"/>; only the sizes of the input are read.
    /// </summary>
    public static Tensor AdaptiveAveragePoolBackward(Tensor gradient, Tensor input) =>
        Dispatcher.Call("aten::_adaptive_avg_pool2d_backward"u8, default, gradient, input);

    /// <summary>Pads a tensor with a constant; pads count from the last dimension, before and after.</summary>
    public static Tensor Pad(Tensor x, ReadOnlySpan<long> pads, double value = 0)
    {
        TorchLibrary.Use();
        nint result;
        int rc;
        fixed (long* pad = pads)
        fixed (byte* mode = "constant"u8)
        {
            rc = aoti_torch_aten_pad(x.Handle, pad, pads.Length, mode, &value, &result);
        }
        GC.KeepAlive(x);
        return rc == 0
            ? new Tensor(result)
            : throw new TorchException($"aten::pad failed in libtorch on {x}; its message is on standard error.");
    }
}
