namespace Lamina;

/// <summary>
/// Products of matrices. Inputs: a (…, n, k) and b (…, k, m), whose dimensions before the last two broadcast as in NumPy.
/// Output: (…, n, m). A tensor without such dimensions, such as (N, k), is one matrix.
/// </summary>
public sealed record MatMulOp : Op
{
    /// <inheritdoc/>
    public override string Name => "matmul";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        (Shape a, Shape b) = (inputs[0], inputs[1]);
        if (a.Rank < 2 || b.Rank < 2 || a[^1] != b[^2] || a[^1] is null)
        {
            throw new ShapeException($"matmul needs (…, n, k) and (…, k, m) with one known k, got {a} and {b}.");
        }
        if (b.Rank == 2)
        {
            return a.With(a.Rank - 1, b[^1]!.Value);
        }
        Shape outer = Broadcasting.OutputShape(
            Name,
            [new Shape([.. a.Take(a.Rank - 2)]), new Shape([.. b.Take(b.Rank - 2)])]
        );
        // new Shape refuses an unknown n that does not come first.
        return new Shape([.. outer, a[^2], b[^1]]);
    }
}

/// <summary>log(softmax(x)) over the last dimension, without overflow. Input and output: (…, C).</summary>
public sealed record LogSoftmaxOp : Op
{
    /// <inheritdoc/>
    public override string Name => "log_softmax";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].Rank >= 2
            ? inputs[0]
            : throw new ShapeException($"log_softmax needs (batch, …, classes), got {inputs[0]}.");
}

public static partial class Ops
{
    /// <inheritdoc cref="MatMulOp"/>
    /// <param name="a">The left matrices, (…, n, k).</param>
    /// <param name="b">The right matrices, (…, k, m).</param>
    public static Symbol MatMul(Symbol a, Symbol b) => Record(new MatMulOp(), a, b);

    /// <inheritdoc cref="LogSoftmaxOp"/>
    /// <param name="x">The input, (…, C).</param>
    public static Symbol LogSoftmax(Symbol x) => Record(new LogSoftmaxOp(), x);
}
