namespace Lamina;

/// <summary>
/// An op that returns one tensor in training and another in inference. Plans compute only the one that they need. Inputs:
/// the tensor for training; the tensor for inference, of the same shape.
/// </summary>
public sealed record PhaseOp : Op
{
    /// <summary>The input that training uses.</summary>
    internal const int Training = 0;

    /// <summary>The input that inference uses.</summary>
    internal const int Inference = 1;

    /// <inheritdoc/>
    public override string Name => "in_training";

    internal override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        inputs[0] == inputs[1]
            ? inputs[0]
            : throw new ShapeException(
                $"in_training needs the same shape in training and inference, got {inputs[0]} and {inputs[1]}."
            );
}

public static partial class Ops
{
    /// <inheritdoc cref="PhaseOp"/>
    /// <param name="training">The tensor in training.</param>
    /// <param name="inference">The tensor in inference, of the same shape.</param>
    public static Symbol InTraining(Symbol training, Symbol inference) => Record(new PhaseOp(), training, inference);
}
