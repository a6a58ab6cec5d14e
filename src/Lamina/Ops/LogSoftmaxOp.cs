namespace Lamina;

/// <summary>
/// An op that computes log(softmax(x)) over the last dimension, without overflow. Input and output: (…, C).
/// </summary>
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
    /// <inheritdoc cref="LogSoftmaxOp"/>
    /// <param name="x">The input, (…, C).</param>
    public static Symbol LogSoftmax(Symbol x) => Record(new LogSoftmaxOp(), x);
}
