namespace Lamina.Torch;

internal static partial class Aten
{
    /// <summary>The matrix product of (n, k) and (k, m). A transposed view costs nothing.</summary>
    public static Tensor Mm(Tensor a, Tensor b)
    {
        RequireMatrices(a, b);
        return Dispatcher.Call("aten::mm"u8, default, a, b);
    }

    /// <summary>x · weight + bias, then max(0, ·) if asked: x (n, in), weight (in, out), bias (out).</summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, bool relu = false)
    {
        RequireMatrices(x, weight);
        using Tensor transposed = T(weight);
        Tensor result = HasOneDnn(x)
            ? OneDnnLinear(x, transposed, bias)
            : Dispatcher.Call("aten::linear"u8, default, x, transposed, Arg.Some(bias));
        if (relu)
        {
            // Not oneDNN's own, which turns NaN into 0.
            UnaryInPlace("aten::relu_"u8, result);
        }
        return result;
    }

    /// <summary>The gradient of <see cref="Linear"/>'s x: gradient · weightᵀ.</summary>
    public static Tensor LinearInputGradient(Tensor gradient, Tensor weight)
    {
        if (!HasOneDnn(gradient))
        {
            using Tensor transposed = T(weight);
            return Contiguous(gradient, transposed);
        }
        // oneDNN is 3 to 4 times as fast with the big matrix in order as with it transposed, so this computes
        // (weight · gradientᵀ)ᵀ and turns the two small ones.
        using Tensor turned = T(gradient);
        using Tensor columns = Clone(turned);
        using Tensor view = T(columns);
        using Tensor product = OneDnnLinear(weight, view, null);
        using Tensor result = T(product);
        return Clone(result);
    }

    /// <summary>The gradient of <see cref="Linear"/>'s weight: xᵀ · gradient.</summary>
    public static Tensor LinearWeightGradient(Tensor x, Tensor gradient)
    {
        using Tensor transposed = T(x);
        if (!HasOneDnn(x))
        {
            return Contiguous(transposed, gradient);
        }
        using Tensor turned = T(gradient);
        return OneDnnLinear(transposed, turned, null);
    }

    private static Tensor Contiguous(Tensor a, Tensor b)
    {
        Tensor product = Mm(a, b);
        if (product.IsContiguous)
        {
            return product;
        }
        using (product)
        {
            return Clone(product);
        }
    }

    /// <summary>Whether oneDNN's matrix product is there: float32 on the CPU, in builds that have it.</summary>
    private static bool HasOneDnn(Tensor x) => x.IsCpuFloat && TorchLibrary.HasOneDnn;

    /// <summary>
    /// x · weightᵀ + bias by oneDNN: MKL's sgemm, behind aten::mm, does not use AVX-512 on other makers' processors and takes
    /// 1.3 to 2.4 times as long there.
    /// </summary>
    private static unsafe Tensor OneDnnLinear(Tensor x, Tensor weight, Tensor? bias)
    {
        TorchLibrary.Use();
        nint result;
        nint biasHandle = bias?.Handle ?? 0;
        int rc;
        fixed (byte* attribute = "none"u8)
        {
            rc = TorchNative.aoti_torch_cpu__linear_pointwise(
                x.Handle,
                weight.Handle,
                bias is null ? null : &biasHandle,
                attribute,
                null,
                0,
                null,
                &result
            );
        }
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return rc == 0
            ? new Tensor(result)
            : throw new TorchException(
                $"mkldnn::_linear_pointwise failed in libtorch on {x} and {weight}; its message is on standard error."
            );
    }

    /// <summary>softmax over the last dimension.</summary>
    public static Tensor Softmax(Tensor x) =>
        Dispatcher.Call("aten::_softmax"u8, default, x, (long)(x.Rank - 1), false);

    /// <summary>log softmax over the last dimension.</summary>
    public static Tensor LogSoftmax(Tensor x) =>
        Dispatcher.Call("aten::_log_softmax"u8, default, x, (long)(x.Rank - 1), false);

    /// <summary>The gradient of softmax over the last dimension.</summary>
    public static Tensor SoftmaxBackward(Tensor gradient, Tensor output) =>
        Dispatcher.Call(
            "aten::_softmax_backward_data"u8,
            default,
            gradient,
            output,
            (long)(output.Rank - 1),
            (long)output.DType
        );

    private static void RequireMatrices(Tensor a, Tensor b)
    {
        if (a.Rank != 2 || b.Rank != 2 || a.Sizes[1] != b.Sizes[0])
        {
            throw new ShapeException($"a matrix {a} does not multiply a matrix {b}.");
        }
    }
}
