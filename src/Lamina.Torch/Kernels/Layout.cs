namespace Lamina.Torch.Kernels;

/// <summary>
/// Converts between the public order of images (N, H, W, C) and libtorch's logical order (N, C, H, W). Both are the
/// same bytes with other strides ("channels last").
/// </summary>
internal static class Layout
{
    /// <summary>
    /// Returns a view of contiguous (N, H, W, C) as logical (N, C, H, W), channels last; kernels (O, kh, kw, I) as (O,
    /// I, kh, kw), too.
    /// </summary>
    public static Tensor ToChannelsFirst(Tensor x)
    {
        (long n, long h, long w, long c) = (x.Sizes[0], x.Sizes[1], x.Sizes[2], x.Sizes[3]);
        // The exact strides: if dimensions of 1 leave a choice, libtorch infers the format from them.
        return x.Restride([n, c, h, w], [h * w * c, 1, w * c, c]);
    }

    /// <summary>
    /// Returns logical (N, C, H, W) as contiguous (N, H, W, C): a view, or a copy if libtorch chose another memory
    /// format.
    /// </summary>
    /// <param name="x">The tensor; disposed by this method.</param>
    public static Tensor TakeChannelsLast(Tensor x)
    {
        using (x)
        {
            using Tensor permuted = Aten.Permute(x, [0, 2, 3, 1]);
            return permuted.IsContiguous ? permuted.View(permuted.Sizes) : Aten.Clone(permuted);
        }
    }

    /// <summary>Returns the sizes of a symbol at this batch size.</summary>
    public static long[] SizesOf(Symbol symbol, long batch)
    {
        Shape shape = symbol.Shape;
        var sizes = new long[shape.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i] ?? batch;
        }
        return sizes;
    }

    /// <summary>Returns a view (rows, C) with all dimensions but the last merged.</summary>
    public static Tensor ToRows(Tensor x) => x.View(x.Count / x.Sizes[^1], x.Sizes[^1]);

    /// <summary>Returns a contiguous tensor: the same, or a copy.</summary>
    /// <param name="x">The tensor; disposed unless it is the result.</param>
    public static Tensor TakeContiguous(Tensor x)
    {
        if (x.IsContiguous)
        {
            return x;
        }
        using (x)
        {
            return Aten.Clone(x);
        }
    }

    /// <summary>Returns a contiguous tensor that shares no memory with another, of which this is a view.</summary>
    /// <param name="view">The view; disposed by this method.</param>
    /// <param name="whole">The other tensor; its owner gives it up if the view covers all of it.</param>
    public static Tensor TakeOwn(Tensor view, Tensor whole)
    {
        using (view)
        {
            return view.Count == whole.Count ? whole.Duplicate() : Aten.Clone(view);
        }
    }

    /// <summary>Returns a view in larger sizes that repeats dimensions of 1 by strides of 0.</summary>
    public static Tensor Expand(Tensor x, ReadOnlySpan<long> sizes)
    {
        Span<long> strides = stackalloc long[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            strides[i] = x.Sizes[i] == sizes[i] ? x.Strides[i] : 0;
        }
        return x.Restride(sizes, strides);
    }

    /// <summary>
    /// Sums a gradient over the dimensions along which an input of these sizes was repeated. An input of lower rank was
    /// repeated along the leading dimensions that it lacks.
    /// </summary>
    /// <param name="gradient">The gradient; disposed unless it is the result.</param>
    /// <param name="sizes">The input's sizes.</param>
    public static Tensor TakeReduced(Tensor gradient, ReadOnlySpan<long> sizes)
    {
        int lacking = gradient.Rank - sizes.Length;
        List<long> repeated = [];
        for (int i = 0; i < gradient.Rank; i++)
        {
            if (i < lacking || sizes[i - lacking] != gradient.Sizes[i])
            {
                repeated.Add(i);
            }
        }
        if (repeated.Count == 0)
        {
            return gradient;
        }
        using (gradient)
        {
            Tensor sum = TakeContiguous(Aten.Sum(gradient, [.. repeated], keepDims: true));
            if (lacking == 0)
            {
                return sum;
            }
            using (sum)
            {
                return sum.View(sizes);
            }
        }
    }
}
