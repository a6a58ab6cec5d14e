namespace Lamina;

/// <summary>An op with fixed values, of any shape without a batch; a number has the shape ().</summary>
/// <param name="Values">The values, in the order of the shape.</param>
/// <param name="Shape">The shape, all dimensions known.</param>
public sealed record ConstantOp(IReadOnlyList<float> Values, Shape Shape) : Op
{
    /// <inheritdoc/>
    public override string Name => "constant";

    /// <inheritdoc/>
    public override bool IsDifferentiable => false;

    internal override (int Min, int Max) InputCount => (0, 0);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) =>
        Shape.ElementCount == Values.Count
            ? Shape
            : throw new ShapeException($"{Values.Count} values do not fill a constant of shape {Shape}.");
}

public static partial class Ops
{
    /// <summary>Returns a number as a tensor of shape (). Numbers convert implicitly: <c>2 * x</c>.</summary>
    public static Symbol Constant(double value) => Record(new ConstantOp([(float)value], Shape.Of()));

    /// <summary>Returns fixed values as a tensor, such as one factor per class.</summary>
    /// <param name="values">The values. They are copied.</param>
    public static Symbol Constant(NDArray values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Record(new ConstantOp(values.Values.ToArray(), values.Shape));
    }
}
