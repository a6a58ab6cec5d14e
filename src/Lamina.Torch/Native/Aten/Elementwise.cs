namespace Lamina.Torch;

internal static partial class Aten
{
    /// <summary>
    /// Calls an op with two arguments that broadcast, such as <c>"aten::maximum"u8</c>. Results belong to the caller.
    /// </summary>
    public static Tensor Binary(ReadOnlySpan<byte> op, ReadOnlySpan<byte> overload, Tensor a, Tensor b) =>
        Dispatcher.Call(op, overload, a, b);

    /// <summary>Calls an op of a tensor and a number by its Tensor overload, such as <c>"aten::eq"u8</c>.</summary>
    public static Tensor Binary(ReadOnlySpan<byte> op, Tensor a, double b)
    {
        using Tensor scalar = Tensor.Scalar(b);
        return Dispatcher.Call(op, "Tensor"u8, a, scalar);
    }

    /// <summary>Returns x where the mask is true, else 0, even where x is not finite.</summary>
    public static Tensor Masked(Tensor mask, Tensor x)
    {
        using Tensor zero = Tensor.Scalar(0);
        return Where(mask, x, zero);
    }

    /// <summary>Returns a to the power of b, broadcasting.</summary>
    public static Tensor Pow(Tensor a, Tensor b) => Dispatcher.Call("aten::pow"u8, "Tensor_Tensor"u8, a, b);

    /// <summary>Returns the conjunction of two masks, elementwise.</summary>
    public static Tensor And(Tensor a, Tensor b) => Dispatcher.Call("aten::logical_and"u8, default, a, b);

    /// <summary>
    /// Returns the greatest or least elements along some dimensions: <c>"aten::amax"u8</c>, <c>"aten::amin"u8</c>.
    /// </summary>
    public static Tensor Extreme(ReadOnlySpan<byte> op, Tensor x, long[] dims, bool keepDims) =>
        Dispatcher.Call(op, default, x, dims, keepDims);

    /// <summary>Returns log Σ exp(x) along some dimensions.</summary>
    public static Tensor LogSumExp(Tensor x, long[] dims, bool keepDims) =>
        Dispatcher.Call("aten::logsumexp"u8, default, x, dims, keepDims);

    /// <summary>Returns the indices of the greatest elements along a dimension, as 64-bit numbers.</summary>
    public static Tensor ArgMax(Tensor x, long dim)
    {
        // aten::argmax returns the first NaN and the first of equal elements, as does the second result of max.
        var results = new Tensor?[2];
        Dispatcher.CallMany("aten::max"u8, "dim"u8, results, x, dim, false);
        results[0]!.Dispose();
        return results[1]!;
    }

    /// <summary>Returns the products of matrices (…, n, k) and (…, k, m), broadcasting.</summary>
    public static Tensor MatMul(Tensor a, Tensor b) => Dispatcher.Call("aten::matmul"u8, default, a, b);

    /// <summary>Returns a view with the last two dimensions swapped.</summary>
    public static Tensor TransposeLast(Tensor x)
    {
        int[] order = [.. Enumerable.Range(0, x.Rank)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Permute(x, order);
    }

    /// <summary>Returns the gradient of log softmax over the last dimension.</summary>
    public static Tensor LogSoftmaxBackward(Tensor gradient, Tensor output) =>
        Dispatcher.Call(
            "aten::_log_softmax_backward_data"u8,
            default,
            gradient,
            output,
            (long)(output.Rank - 1),
            (long)output.DType
        );

    /// <summary>Converts a mask to numbers of a type.</summary>
    /// <param name="values">The mask; disposed by this method.</param>
    /// <param name="type">The type.</param>
    public static Tensor TakeAs(Tensor values, DType type)
    {
        using (values)
        {
            Tensor result = Tensor.Empty(values.Sizes, type, values.Device);
            result.CopyFrom(values);
            return result;
        }
    }
}
