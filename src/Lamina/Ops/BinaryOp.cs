namespace Lamina;

/// <summary>The elementwise functions of two tensors.</summary>
public enum BinaryKind
{
    /// <summary>The function a − b.</summary>
    Subtract,

    /// <summary>The function a / b.</summary>
    Divide,

    /// <summary>The function a to the power of b.</summary>
    Power,

    /// <summary>The greater element; NaN if one is. If both are equal, each gets half of the gradient.</summary>
    Maximum,

    /// <summary>The lesser element; NaN if one is. If both are equal, each gets half of the gradient.</summary>
    Minimum,

    /// <summary>The comparison: 1 where a &gt; b, else 0; no gradient.</summary>
    Greater,

    /// <summary>The comparison: 1 where a ≥ b, else 0; no gradient.</summary>
    GreaterEqual,

    /// <summary>The comparison: 1 where a &lt; b, else 0; no gradient.</summary>
    Less,

    /// <summary>The comparison: 1 where a ≤ b, else 0; no gradient.</summary>
    LessEqual,

    /// <summary>The comparison: 1 where a = b, else 0; no gradient.</summary>
    Equal,

    /// <summary>The comparison: 1 where a ≠ b, else 0; no gradient.</summary>
    NotEqual,
}

/// <summary>An op that applies an elementwise function to two tensors, which broadcast as in NumPy.</summary>
/// <param name="Kind">The function.</param>
public sealed record BinaryOp(BinaryKind Kind) : Op
{
    /// <inheritdoc/>
    public override string Name => OpNames.SnakeCase(Kind);

    /// <inheritdoc/>
    public override bool IsDifferentiable => Kind < BinaryKind.Greater;

    internal override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Broadcasting.OutputShape(Name, inputs);
}

/// <summary>
/// An op that selects elements of one tensor where a condition holds, else of another; all three broadcast. Inputs: the
/// condition, which holds where it is not 0; a; b. No gradient flows to the condition, nor to elements that are not
/// selected.
/// </summary>
public sealed record WhereOp : Op
{
    /// <inheritdoc/>
    public override string Name => "where";

    internal override (int Min, int Max) InputCount => (3, 3);

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => Broadcasting.OutputShape(Name, inputs);
}

public static partial class Ops
{
    /// <summary>Returns a − b, broadcasting.</summary>
    public static Symbol Subtract(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Subtract), a, b);

    /// <summary>Returns a / b, broadcasting. Division by 0 yields infinities and NaN.</summary>
    public static Symbol Divide(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Divide), a, b);

    /// <summary>
    /// Returns a to the power of b, broadcasting. A negative base with a fractional exponent yields NaN.
    /// </summary>
    public static Symbol Power(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Power), a, b);

    /// <summary>Returns the larger of a and b, broadcasting. NaN if one is NaN.</summary>
    public static Symbol Maximum(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Maximum), a, b);

    /// <summary>Returns the smaller of a and b, broadcasting. NaN if one is NaN.</summary>
    public static Symbol Minimum(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Minimum), a, b);

    /// <summary>Returns 1 where a &gt; b, else 0, broadcasting. No gradient flows through a comparison.</summary>
    public static Symbol Greater(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Greater), a, b);

    /// <summary>Returns 1 where a ≥ b, else 0, broadcasting. No gradient flows through a comparison.</summary>
    public static Symbol GreaterEqual(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.GreaterEqual), a, b);

    /// <summary>Returns 1 where a &lt; b, else 0, broadcasting. No gradient flows through a comparison.</summary>
    public static Symbol Less(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Less), a, b);

    /// <summary>Returns 1 where a ≤ b, else 0, broadcasting. No gradient flows through a comparison.</summary>
    public static Symbol LessEqual(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.LessEqual), a, b);

    /// <summary>Returns 1 where a equals b, else 0, broadcasting. NaN equals nothing. No gradient flows through a comparison.</summary>
    public static Symbol Equal(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Equal), a, b);

    /// <summary>Returns 1 where a differs from b, else 0, broadcasting. No gradient flows through a comparison.</summary>
    public static Symbol NotEqual(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.NotEqual), a, b);

    /// <inheritdoc cref="WhereOp"/>
    /// <param name="condition">The condition, which holds where it is not 0.</param>
    /// <param name="a">The elements where it holds.</param>
    /// <param name="b">The elements where it does not.</param>
    public static Symbol Where(Symbol condition, Symbol a, Symbol b) => Record(new WhereOp(), condition, a, b);
}
