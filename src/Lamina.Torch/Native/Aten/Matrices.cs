namespace Lamina.Torch;

internal static partial class Aten
{
    /// <summary>Returns the matrix product of (n, k) and (k, m). A transposed view costs nothing.</summary>
    public static Tensor Mm(Tensor a, Tensor b)
    {
        RequireMatrices(a, b);
        return Dispatcher.Call("aten::mm"u8, default, a, b);
    }

    /// <summary>
    /// Returns x · weight + bias, then optionally max(0, ·): x (n, in), weight (in, out), bias (out).
    /// </summary>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, bool relu = false)
    {
        RequireMatrices(x, weight);
        using Tensor transposed = T(weight);
        Tensor result = Dispatcher.Call("aten::linear"u8, default, x, transposed, Arg.Some(bias));
        if (relu)
        {
            UnaryInPlace("aten::relu_"u8, result);
        }
        return result;
    }

    /// <summary>Returns the gradient of <see cref="Linear"/>'s x: gradient · weightᵀ.</summary>
    public static Tensor LinearInputGradient(Tensor gradient, Tensor weight)
    {
        using Tensor transposed = T(weight);
        return Contiguous(gradient, transposed);
    }

    /// <summary>Returns the gradient of <see cref="Linear"/>'s weight: xᵀ · gradient.</summary>
    public static Tensor LinearWeightGradient(Tensor x, Tensor gradient)
    {
        using Tensor transposed = T(x);
        return Contiguous(transposed, gradient);
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

    /// <summary>Returns the softmax over the last dimension.</summary>
    public static Tensor Softmax(Tensor x) =>
        Dispatcher.Call("aten::_softmax"u8, default, x, (long)(x.Rank - 1), false);

    /// <summary>Returns the log softmax over the last dimension.</summary>
    public static Tensor LogSoftmax(Tensor x) =>
        Dispatcher.Call("aten::_log_softmax"u8, default, x, (long)(x.Rank - 1), false);

    /// <summary>Returns the gradient of softmax over the last dimension.</summary>
    public static Tensor SoftmaxBackward(Tensor gradient, Tensor output) =>
        Dispatcher.Call(
            "aten::_softmax_backward_data"u8,
            default,
            gradient,
            output,
            (long)(output.Rank - 1),
            (long)output.DType
        );

    internal static void RequireMatrices(Tensor a, Tensor b)
    {
        if (a.Rank != 2 || b.Rank != 2 || a.Sizes[1] != b.Sizes[0])
        {
            throw new ShapeException($"a matrix {a} cannot be multiplied by a matrix {b}.");
        }
    }
}
