namespace Lamina.Torch.Cpu;

/// <summary>
/// Matrix products of float32 by oneDNN. libtorch's builds for ARM do not include it; there, the dispatcher computes
/// them.
/// </summary>
internal static class OneDnn
{
    /// <summary>
    /// Computes x · weight + bias, then optionally max(0, ·): x (n, in), weight (in, out), bias (out).
    /// </summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, bool relu = false)
    {
        if (!TorchLibrary.HasOneDnn)
        {
            return Aten.Linear(x, weight, bias, relu);
        }
        Aten.RequireMatrices(x, weight);
        using Tensor transposed = Aten.T(weight);
        Tensor result = Multiply(x, transposed, bias);
        if (relu)
        {
            // Not oneDNN's own ReLU, which turns NaN into 0.
            Aten.UnaryInPlace("aten::relu_"u8, result);
        }
        return result;
    }

    /// <summary>Computes the gradient of <see cref="Linear"/>'s x: gradient · weightᵀ.</summary>
    public static Tensor LinearInputGradient(Tensor gradient, Tensor weight)
    {
        if (!TorchLibrary.HasOneDnn)
        {
            return Aten.LinearInputGradient(gradient, weight);
        }
        // oneDNN is 3 to 4 times as fast if the large matrix is not transposed, so this computes (weight · gradientᵀ)ᵀ
        // and transposes the two small ones.
        using Tensor turned = Aten.T(gradient);
        using Tensor columns = Aten.Clone(turned);
        using Tensor view = Aten.T(columns);
        using Tensor product = Multiply(weight, view, null);
        using Tensor result = Aten.T(product);
        return Aten.Clone(result);
    }

    /// <summary>Computes the gradient of <see cref="Linear"/>'s weight: xᵀ · gradient.</summary>
    public static Tensor LinearWeightGradient(Tensor x, Tensor gradient)
    {
        if (!TorchLibrary.HasOneDnn)
        {
            return Aten.LinearWeightGradient(x, gradient);
        }
        using Tensor transposed = Aten.T(x);
        using Tensor turned = Aten.T(gradient);
        return Multiply(transposed, turned, null);
    }

    /// <summary>
    /// Computes x · weightᵀ + bias by oneDNN. MKL's sgemm, behind aten::mm, does not use AVX-512 on processors of other
    /// vendors and takes 1.3 to 2.4 times as long there.
    /// </summary>
    private static unsafe Tensor Multiply(Tensor x, Tensor weight, Tensor? bias)
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
}
