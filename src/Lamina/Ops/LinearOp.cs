namespace Lamina;

/// <summary>
/// An op that computes x · kernel + bias over the last dimension. Inputs: x (…, in); kernel (in, out); optionally a
/// bias (out). Output: (…, out).
/// </summary>
public sealed record LinearOp : Op
{
    /// <inheritdoc/>
    public override string Name => "linear";

    internal override (int Min, int Max) InputCount => (2, 3);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs)
    {
        Shape x = inputs[0];
        Shape kernel = inputs[1];
        if (x.Rank < 2 || x[^1] != kernel[0])
        {
            throw new ShapeException($"a kernel {kernel} needs inputs with a last dimension of {kernel[0]}, got {x}.");
        }
        return x.With(x.Rank - 1, kernel[1]!.Value);
    }
}

public static partial class Ops
{
    /// <inheritdoc cref="LinearOp"/>
    /// <param name="x">The input, (…, in).</param>
    /// <param name="kernel">The kernel, (in, out).</param>
    /// <param name="bias">The bias, (out), or <see langword="null"/>.</param>
    public static Symbol Linear(Symbol x, Symbol kernel, Symbol? bias) =>
        bias is null ? Record(new LinearOp(), x, kernel) : Record(new LinearOp(), x, kernel, bias);
}
