namespace Lamina.Torch.Kernels;

/// <summary>
/// An op that computes Σ t·log(softmax(x)) over the last dimension. Inputs: logits and targets, (…, C); output: (…). Only
/// the compiler of plans records it, where it finds this expression.
/// </summary>
internal sealed record LogLikelihoodOp : Op
{
    /// <inheritdoc/>
    public override string Name => "log_likelihood";

    internal override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0].Rank >= 2 && inputs[0] == inputs[1]
            ? new Shape([.. inputs[0].Take(inputs[0].Rank - 1)])
            : throw new ShapeException(
                $"log_likelihood needs logits and targets of one shape (batch, …, classes), got {inputs[0]} and {inputs[1]}."
            );
}
