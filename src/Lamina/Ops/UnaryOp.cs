namespace Lamina;

/// <summary>The elementwise functions of one tensor.</summary>
public enum UnaryKind
{
    /// <summary>The function −x.</summary>
    Negative,

    /// <summary>The function |x|; the gradient at 0 is 0.</summary>
    Absolute,

    /// <summary>The function eˣ.</summary>
    Exp,

    /// <summary>The natural logarithm: −∞ at 0, NaN below it.</summary>
    Log,

    /// <summary>The function log(1 + x), exact near 0.</summary>
    Log1p,

    /// <summary>The function √x: NaN below 0.</summary>
    Sqrt,

    /// <summary>The function x².</summary>
    Square,

    /// <summary>The sign, −1, 0 or 1; 0 for NaN, as in PyTorch; no gradient.</summary>
    Sign,

    /// <summary>The sine of an angle in radians.</summary>
    Sin,

    /// <summary>The cosine of an angle in radians.</summary>
    Cos,
}

/// <summary>An op that applies an elementwise function. Input and output: any shape.</summary>
/// <param name="Kind">The function.</param>
public sealed record UnaryOp(UnaryKind Kind) : Op
{
    /// <inheritdoc/>
    public override string Name => OpNames.SnakeCase(Kind);

    /// <inheritdoc/>
    public override bool IsDifferentiable => Kind != UnaryKind.Sign;

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}

/// <summary>
/// An op that clips x to two bounds, elementwise; the gradient is 0 outside them. NaN is kept. Input and output: any
/// shape.
/// </summary>
/// <param name="Min">The least value.</param>
/// <param name="Max">The greatest value, at least <paramref name="Min"/>.</param>
public sealed record ClipOp(double Min, double Max) : Op
{
    /// <inheritdoc/>
    public override string Name => "clip";

    /// <inheritdoc/>
    public override Shape InferShape(ReadOnlySpan<Shape> inputs) => inputs[0];
}

internal static class OpNames
{
    /// <summary>
    /// Returns an enumeration's value in Keras's spelling: <c>GreaterEqual</c> becomes <c>greater_equal</c>.
    /// </summary>
    public static string SnakeCase<T>(T kind)
        where T : struct, Enum => Session.SnakeCase(kind.ToString());
}

public static partial class Ops
{
    /// <summary>Returns −x, elementwise.</summary>
    public static Symbol Negative(Symbol x) => Record(new UnaryOp(UnaryKind.Negative), x);

    /// <summary>Returns |x|, elementwise. The gradient at 0 is 0.</summary>
    public static Symbol Abs(Symbol x) => Record(new UnaryOp(UnaryKind.Absolute), x);

    /// <summary>Returns eˣ, elementwise.</summary>
    public static Symbol Exp(Symbol x) => Record(new UnaryOp(UnaryKind.Exp), x);

    /// <summary>Returns the natural logarithm, elementwise: −∞ at 0, NaN below it.</summary>
    public static Symbol Log(Symbol x) => Record(new UnaryOp(UnaryKind.Log), x);

    /// <summary>Returns log(1 + x), elementwise, exact near 0.</summary>
    public static Symbol Log1p(Symbol x) => Record(new UnaryOp(UnaryKind.Log1p), x);

    /// <summary>Returns √x, elementwise: NaN below 0.</summary>
    public static Symbol Sqrt(Symbol x) => Record(new UnaryOp(UnaryKind.Sqrt), x);

    /// <summary>Returns x², elementwise.</summary>
    public static Symbol Square(Symbol x) => Record(new UnaryOp(UnaryKind.Square), x);

    /// <summary>Returns −1, 0 or 1 by the sign of x, elementwise; 0 for NaN. No gradient flows through it.</summary>
    public static Symbol Sign(Symbol x) => Record(new UnaryOp(UnaryKind.Sign), x);

    /// <summary>Returns the sine of x in radians, elementwise.</summary>
    public static Symbol Sin(Symbol x) => Record(new UnaryOp(UnaryKind.Sin), x);

    /// <summary>Returns the cosine of x in radians, elementwise.</summary>
    public static Symbol Cos(Symbol x) => Record(new UnaryOp(UnaryKind.Cos), x);

    /// <summary>Returns x clipped to two bounds, elementwise. The gradient is 0 outside them; NaN is kept.</summary>
    /// <param name="x">The input, any shape.</param>
    /// <param name="min">The least value.</param>
    /// <param name="max">The greatest value.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is NaN, or <paramref name="min"/> is above <paramref name="max"/>.</exception>
    public static Symbol Clip(Symbol x, double min, double max) =>
        min <= max
            ? Record(new ClipOp(min, max), x)
            : throw new ArgumentOutOfRangeException(
                nameof(min),
                $"The bounds are {min} and {max}; min must not exceed max."
            );
}
