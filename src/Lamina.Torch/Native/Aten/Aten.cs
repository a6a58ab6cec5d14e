using static Lamina.Torch.TorchNative;

namespace Lamina.Torch;

/// <summary>
/// Typed wrappers of libtorch's ops for kernels, losses and optimizers. Results belong to the caller.
/// </summary>
internal static unsafe partial class Aten
{
    /// <summary>Returns a + b, broadcasting.</summary>
    public static Tensor Add(Tensor a, Tensor b) => AddScaled(a, b, 1);

    /// <summary>Returns a − b, broadcasting.</summary>
    public static Tensor Subtract(Tensor a, Tensor b) => AddScaled(a, b, -1);

    /// <summary>Returns a + scale · b, broadcasting.</summary>
    public static Tensor AddScaled(Tensor a, Tensor b, double scale)
    {
        // add.Tensor has a Scalar argument, which the dispatcher rejects; subtraction has a typed function.
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

    /// <summary>Returns a · b elementwise, broadcasting.</summary>
    public static Tensor Mul(Tensor a, Tensor b) => Dispatcher.Call("aten::mul"u8, "Tensor"u8, a, b);

    /// <summary>Returns a · factor.</summary>
    public static Tensor Mul(Tensor a, double factor)
    {
        using Tensor scalar = Tensor.Scalar(factor);
        return Mul(a, scalar);
    }

    /// <summary>Overwrites a by a · b; b broadcasts and may have another type (a mask).</summary>
    public static void MulInPlace(Tensor a, Tensor b) => Dispatcher.CallInPlace("aten::mul_"u8, "Tensor"u8, a, b);

    /// <summary>Overwrites a by a · factor.</summary>
    public static void MulInPlace(Tensor a, double factor)
    {
        using Tensor scalar = Tensor.Scalar(factor);
        MulInPlace(a, scalar);
    }

    /// <summary>Returns a + b.</summary>
    public static Tensor Add(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Add(a, scalar);
    }

    /// <summary>Returns a / b elementwise, broadcasting.</summary>
    public static Tensor Div(Tensor a, Tensor b) => Dispatcher.Call("aten::div"u8, "Tensor"u8, a, b);

    /// <summary>Overwrites a by a / b, broadcasting.</summary>
    public static void DivInPlace(Tensor a, Tensor b) => Dispatcher.CallInPlace("aten::div_"u8, "Tensor"u8, a, b);

    /// <summary>Returns a to the power of an exponent.</summary>
    public static Tensor Pow(Tensor a, double exponent)
    {
        using Tensor scalar = Tensor.Scalar(exponent);
        return Dispatcher.Call("aten::pow"u8, "Tensor_Tensor"u8, a, scalar);
    }

    /// <summary>Calls an op with one argument, such as <c>"aten::exp"u8</c>.</summary>
    public static Tensor Unary(ReadOnlySpan<byte> op, Tensor x) => Dispatcher.Call(op, default, x);

    /// <summary>Calls an op that overwrites its one argument, such as <c>"aten::exp_"u8</c>.</summary>
    public static void UnaryInPlace(ReadOnlySpan<byte> op, Tensor x) => Dispatcher.CallInPlace(op, default, x);

    /// <summary>Returns the mask a &gt; b; b broadcasts.</summary>
    public static Tensor Greater(Tensor a, Tensor b) => Dispatcher.Call("aten::gt"u8, "Tensor"u8, a, b);

    /// <summary>Returns the mask a &gt; b.</summary>
    public static Tensor Greater(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Greater(a, scalar);
    }

    /// <summary>Returns the mask a &lt; b.</summary>
    public static Tensor Less(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Dispatcher.Call("aten::lt"u8, "Tensor"u8, a, scalar);
    }

    /// <summary>Returns the mask a ≤ b.</summary>
    public static Tensor AtMostMask(Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Dispatcher.Call("aten::le"u8, "Tensor"u8, a, scalar);
    }

    /// <summary>Returns a where the mask is true, else b.</summary>
    public static Tensor Where(Tensor mask, Tensor a, Tensor b) =>
        Dispatcher.Call("aten::where"u8, "self"u8, mask, a, b);

    /// <summary>Returns the greater of x and a number, elementwise.</summary>
    public static Tensor AtLeast(Tensor x, double min)
    {
        using Tensor scalar = Tensor.Scalar(min);
        return Dispatcher.Call("aten::maximum"u8, default, x, scalar);
    }

    /// <summary>Returns the lesser of x and a number, elementwise.</summary>
    public static Tensor AtMost(Tensor x, double max)
    {
        using Tensor scalar = Tensor.Scalar(max);
        return Dispatcher.Call("aten::minimum"u8, default, x, scalar);
    }

    /// <summary>Returns x clipped to two numbers, elementwise.</summary>
    public static Tensor Clamp(Tensor x, double min, double max)
    {
        // clamp's bounds must be on x's device; maximum and minimum accept numbers from the CPU.
        using Tensor low = AtLeast(x, min);
        return AtMost(low, max);
    }

    /// <summary>Returns the sum over some dimensions.</summary>
    public static Tensor Sum(Tensor x, long[] dims, bool keepDims = false) =>
        Dispatcher.Call("aten::sum"u8, "dim_IntList"u8, x, Arg.Some(dims), keepDims, Arg.None);

    /// <summary>Returns the mean over some dimensions.</summary>
    public static Tensor Mean(Tensor x, long[] dims, bool keepDims = false) =>
        Dispatcher.Call("aten::mean"u8, "dim"u8, x, Arg.Some(dims), keepDims, Arg.None);

    /// <summary>Returns a contiguous copy that shares no memory.</summary>
    public static Tensor Clone(Tensor x)
    {
        Tensor result = Tensor.Empty(x.Sizes, x.DType, x.Device);
        result.CopyFrom(x);
        return result;
    }

    /// <summary>Returns the tensor itself (a second handle) if it is contiguous, else a contiguous copy.</summary>
    public static Tensor Contiguous(Tensor x) => x.IsContiguous ? x.Duplicate() : Clone(x);

    /// <summary>Returns a view with the dimensions in another order.</summary>
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

    /// <summary>Returns the transpose of a matrix as a view.</summary>
    public static Tensor T(Tensor x) => Permute(x, [1, 0]);

    /// <summary>Returns a range of one dimension as a view.</summary>
    public static Tensor Narrow(Tensor x, int axis, long start, long count)
    {
        Span<long> sizes = stackalloc long[x.Rank];
        x.Sizes.CopyTo(sizes);
        sizes[axis] = count;
        return x.Restride(sizes, x.Strides, start * x.Strides[axis]);
    }

    /// <summary>Concatenates tensors along an axis.</summary>
    public static Tensor Cat(Tensor[] tensors, int axis) =>
        Dispatcher.Call("aten::cat"u8, default, tensors, (long)axis);
}
