namespace Lamina;

/// <summary>The elementwise functions of two tensors.</summary>
public enum BinaryKind
{
    /// <summary>a − b.</summary>
    Subtract,

    /// <summary>a / b.</summary>
    Divide,

    /// <summary>a to the power of b.</summary>
    Power,

    /// <summary>The larger; NaN if one is. Where both are equal, each gets half of the gradient.</summary>
    Maximum,

    /// <summary>The smaller; NaN if one is. Where both are equal, each gets half of the gradient.</summary>
    Minimum,

    /// <summary>1 where a &gt; b, else 0; no gradient.</summary>
    Greater,

    /// <summary>1 where a ≥ b, else 0; no gradient.</summary>
    GreaterEqual,

    /// <summary>1 where a &lt; b, else 0; no gradient.</summary>
    Less,

    /// <summary>1 where a ≤ b, else 0; no gradient.</summary>
    LessEqual,

    /// <summary>1 where a = b, else 0; no gradient.</summary>
    Equal,

    /// <summary>1 where a ≠ b, else 0; no gradient.</summary>
    NotEqual,
}

/// <summary>An elementwise function of two tensors, which broadcast as in NumPy.</summary>
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
/// Elements of one tensor where a condition holds, else of another; all three broadcast. Inputs: the condition, which holds
/// where it is not 0; a; b. No gradient flows to the condition, and none of the elements not chosen.
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

    /// <summary>Returns a / b, broadcasting. Division by 0 makes infinities and NaN.</summary>
    public static Symbol Divide(Symbol a, Symbol b) => Record(new BinaryOp(BinaryKind.Divide), a, b);

    /// <summary>Returns a to the power of b, broadcasting. A negative base has no power that is not whole: NaN.</summary>
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
    /// <param name="condition">Holds where it is not 0.</param>
    /// <param name="a">The elements where it holds.</param>
    /// <param name="b">The elements where it does not.</param>
    public static Symbol Where(Symbol condition, Symbol a, Symbol b) => Record(new WhereOp(), condition, a, b);
}
