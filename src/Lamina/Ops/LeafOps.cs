namespace Lamina;

/// <summary>A model's input: made by an <see cref="InputLayer"/>, fed by the caller.</summary>
/// <param name="Shape">The shape, batch included.</param>
public sealed record InputOp(Shape Shape) : Op
{
    /// <inheritdoc/>
    public override string Name => "input";

    internal override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Shape;
}

/// <summary>A layer's weight as an op: the leaf that gradients flow to.</summary>
/// <param name="Weight">The weight.</param>
public sealed record ParameterOp(Weight Weight) : Op
{
    /// <inheritdoc/>
    public override string Name => "parameter";

    internal override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Weight.Shape;
}
