namespace Lamina;

/// <summary>Gradients of matrix products in ops.</summary>
internal static class ProductGradients
{
    /// <summary>Returns the gradients of x · kernel + bias.</summary>
    public static Symbol?[] Linear(Symbol[] x, Symbol g, bool[] wanted)
    {
        var results = new Symbol?[x.Length];
        results[0] = wanted[0] ? Ops.MatMul(g, Turned(x[1])) : null;
        results[1] = wanted[1] ? OverRows(x[0], g) : null;
        if (x.Length > 2 && wanted[2])
        {
            results[2] = Ops.Sum(g, GradientShapes.AllButLast(g.Shape));
        }
        return results;
    }

    /// <summary>Returns the gradients of a · b.</summary>
    public static Symbol?[] MatMul(Symbol a, Symbol b, Symbol g, bool[] wanted)
    {
        Symbol? left = wanted[0] ? GradientShapes.SumTo(Ops.MatMul(g, Turned(b)), a.Shape) : null;
        if (!wanted[1])
        {
            return [left, null];
        }
        Symbol right = b.Shape.Rank == 2 ? OverRows(a, g) : GradientShapes.SumTo(Ops.MatMul(Turned(a), g), b.Shape);
        return [left, right];
    }

    private static Symbol Turned(Symbol matrices)
    {
        int rank = matrices.Shape.Rank;
        return rank == 2
            ? Ops.Transpose(matrices, 1, 0)
            : Ops.Transpose(matrices, [.. Enumerable.Range(1, rank - 3), rank - 1, rank - 2]);
    }

    // Σ xᵀ · g over all rows. The batch cannot be moved from the first dimension, so each sample has its own product.
    private static Symbol OverRows(Symbol x, Symbol g)
    {
        Symbol columns = Ops.Transpose(Rows(x), 2, 1);
        return Ops.Sum(Ops.MatMul(columns, Rows(g)), [0]);
    }

    // (N, …, C) as (N, rows, C).
    private static Symbol Rows(Symbol x)
    {
        int channels = x.Shape[^1]!.Value;
        return Ops.Reshape(x, Shape.Of((int)(x.Shape.SampleCount / channels), channels));
    }
}
