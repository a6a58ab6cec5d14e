namespace Lamina;

/// <summary>An op for a model's input, which the caller feeds. An <see cref="InputLayer"/> creates it.</summary>
/// <param name="Shape">The shape, including the batch.</param>
public sealed record InputOp(Shape Shape) : Op
{
    /// <inheritdoc/>
    public override string Name => "input";

    internal override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Shape;
}

/// <summary>An op for a layer's weight: the leaf that gradients flow to.</summary>
/// <param name="Weight">The weight.</param>
public sealed record ParameterOp(Weight Weight) : Op
{
    /// <inheritdoc/>
    public override string Name => "parameter";

    internal override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Weight.Shape;
}
