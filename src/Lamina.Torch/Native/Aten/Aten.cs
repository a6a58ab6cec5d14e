using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>libtorch's ops that kernels, losses and optimisers call, typed. Results belong to the caller.</summary>
internal static unsafe partial class Aten
{
    /// <summary>a + b, broadcasting.</summary>
    public static Tensor Add(Tensor a, Tensor b) => AddScaled(a, b, 1);

    /// <summary>a − b, broadcasting.</summary>
    public static Tensor Subtract(Tensor a, Tensor b) => AddScaled(a, b, -1);

    /// <summary>a + scale · b, broadcasting.</summary>
    public static Tensor AddScaled(Tensor a, Tensor b, double scale)
    {
        // add.Tensor has a Scalar argument, which the dispatcher refuses; subtraction has a typed function.
        TorchLibrary.Use();
        nint result;
        if (aoti_torch_aten_subtract_Tensor(a.Handle, b.Handle, -scale, &result) != 0)
        {
            throw new TorchException(
                $"aten::subtract failed in libtorch on {a} and {b}; libtorch's own message is on standard error."
            );
        }
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return new Tensor(result);
    }

    /// <summary>a · b elementwise, broadcasting.</summary>
    public static Tensor Mul(Tensor a, Tensor b) => Dispatcher.Call("aten::mul"u8, "Tensor"u8, a, b);

    /// <summary>a · factor.</summary>
    public static Tensor Mul(Tensor a, double factor)
    {
        using Tensor scalar = Tensor.Scalar(factor);
        return Mul(a, scalar);
    }

    /// <summary>a · b over a; b broadcasts and may be of another type (a mask).</summary>
    public static void MulInPlace(Tensor a, Tensor b) => Dispatcher.CallInPlace("aten::mul_"u8, "Tensor"u8, a, b);

    /// <summary>a · factor over a.</summary>
    public static void MulInPlace(Tensor a, double factor)
    {
        using Tensor scalar = Tensor.Scalar(factor);
        MulInPlace(a, scalar);
    }

    /// <summary>a + b.</summary>
    public static Tensor Add(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Add(a, scalar);
    }

    /// <summary>a / b elementwise, broadcasting.</summary>
    public static Tensor Div(Tensor a, Tensor b) => Dispatcher.Call("aten::div"u8, "Tensor"u8, a, b);

    /// <summary>a / b over a, broadcasting.</summary>
    public static void DivInPlace(Tensor a, Tensor b) => Dispatcher.CallInPlace("aten::div_"u8, "Tensor"u8, a, b);

    /// <summary>a to the power of an exponent.</summary>
    public static Tensor Pow(Tensor a, double exponent)
    {
        using Tensor scalar = Tensor.Scalar(exponent);
        return Dispatcher.Call("aten::pow"u8, "Tensor_Tensor"u8, a, scalar);
    }

    /// <summary>An op of one argument, such as <c>"aten::exp"u8</c>.</summary>
    public static Tensor Unary(ReadOnlySpan<byte> op, Tensor x) => Dispatcher.Call(op, default, x);

    /// <summary>An op of one argument that writes over it, such as <c>"aten::exp_"u8</c>.</summary>
    public static void UnaryInPlace(ReadOnlySpan<byte> op, Tensor x) => Dispatcher.CallInPlace(op, default, x);

    /// <summary>a &gt; b, a mask; b broadcasts.</summary>
    public static Tensor Greater(Tensor a, Tensor b) => Dispatcher.Call("aten::gt"u8, "Tensor"u8, a, b);

    /// <summary>a &gt; b, a mask.</summary>
    public static Tensor Greater(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Greater(a, scalar);
    }

    /// <summary>a &lt; b, a mask.</summary>
    public static Tensor Less(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Dispatcher.Call("aten::lt"u8, "Tensor"u8, a, scalar);
    }

    /// <summary>a ≤ b, a mask.</summary>
    public static Tensor AtMostMask(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Dispatcher.Call("aten::le"u8, "Tensor"u8, a, scalar);
    }

    /// <summary>a where the mask is true, else b.</summary>
    public static Tensor Where(Tensor mask, Tensor a, Tensor b) =>
        Dispatcher.Call("aten::where"u8, "self"u8, mask, a, b);

    /// <summary>The larger of x and a number, elementwise.</summary>
    public static Tensor AtLeast(Tensor x, double min)
    {
        using Tensor scalar = Tensor.Scalar(min);
        return Dispatcher.Call("aten::maximum"u8, default, x, scalar);
    }

    /// <summary>The smaller of x and a number, elementwise.</summary>
    public static Tensor AtMost(Tensor x, double max)
    {
        using Tensor scalar = Tensor.Scalar(max);
        return Dispatcher.Call("aten::minimum"u8, default, x, scalar);
    }

    /// <summary>x between two numbers, elementwise.</summary>
    public static Tensor Clamp(Tensor x, double min, double max)
    {
        // clamp's bounds must be on x's device; maximum and minimum take numbers from the CPU.
        using Tensor low = AtLeast(x, min);
        return AtMost(low, max);
    }

    /// <summary>The sum over some dimensions.</summary>
    public static Tensor Sum(Tensor x, long[] dims, bool keepDims = false) =>
        Dispatcher.Call("aten::sum"u8, "dim_IntList"u8, x, Arg.Some(dims), keepDims, Arg.None);

    /// <summary>The mean over some dimensions.</summary>
    public static Tensor Mean(Tensor x, long[] dims, bool keepDims = false) =>
        Dispatcher.Call("aten::mean"u8, "dim"u8, x, Arg.Some(dims), keepDims, Arg.None);

    /// <summary>A copy with nothing shared, contiguous.</summary>
    public static Tensor Clone(Tensor x)
    {
        Tensor result = Tensor.Empty(x.Sizes, x.DType, x.Device);
        result.CopyFrom(x);
        return result;
    }

    /// <summary>The tensor itself (a second handle) if it is contiguous, else a contiguous copy.</summary>
    public static Tensor Contiguous(Tensor x) => x.IsContiguous ? x.Duplicate() : Clone(x);

    /// <summary>The dimensions in another order: a view.</summary>
    public static Tensor Permute(Tensor x, ReadOnlySpan<int> order)
    {
        Span<long> sizes = stackalloc long[order.Length];
        Span<long> strides = stackalloc long[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            (sizes[i], strides[i]) = (x.Sizes[order[i]], x.Strides[order[i]]);
        }
        return x.Restride(sizes, strides);
    }

    /// <summary>A matrix the other way round: a view.</summary>
    public static Tensor T(Tensor x) => Permute(x, [1, 0]);

    /// <summary>A range of one dimension: a view.</summary>
    public static Tensor Narrow(Tensor x, int axis, long start, long count)
    {
        Span<long> sizes = stackalloc long[x.Rank];
        x.Sizes.CopyTo(sizes);
        sizes[axis] = count;
        return x.Restride(sizes, x.Strides, start * x.Strides[axis]);
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    public static Tensor Cat(Tensor[] tensors, int axis) =>
        Dispatcher.Call("aten::cat"u8, default, tensors, (long)axis);
}
