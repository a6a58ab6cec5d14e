namespace Lamina;

/// <summary>
/// An op that multiplies matrices. Inputs: a (…, n, k) and b (…, k, m), whose dimensions before the last two broadcast
/// as in NumPy. Output: (…, n, m). A tensor without such dimensions, such as (N, k), is one matrix.
/// </summary>
public sealed record MatMulOp : Op
{
    /// <inheritdoc/>
    public override string Name => "matmul";

    internal override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        (Shape a, Shape b) = (inputs[0], inputs[1]);
        if (a.Rank < 2 || b.Rank < 2 || a[^1] != b[^2] || a[^1] is null)
        {
            throw new ShapeException($"matmul needs (…, n, k) and (…, k, m) with the same known k, got {a} and {b}.");
        }
        if (b.Rank == 2)
        {
            return a.With(a.Rank - 1, b[^1]!.Value);
        }
        Shape outer = Broadcasting.OutputShape(
            Name,
            [new Shape([.. a.Take(a.Rank - 2)]), new Shape([.. b.Take(b.Rank - 2)])]
        );
        // The constructor of Shape rejects an unknown n that does not come first.
        return new Shape([.. outer, a[^2], b[^1]]);
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="MatMulOp"/>
    /// <param name="a">The left matrices, (…, n, k).</param>
    /// <param name="b">The right matrices, (…, k, m).</param>
    public static Symbol MatMul(Symbol a, Symbol b) => Record(new MatMulOp(), a, b);
}
