namespace Lamina;

// The operators broadcast like the ops of Lamina.Ops that they stand for. A number converts to a constant.
public sealed partial class Symbol
{
    /// <summary>Converts a number to a constant of shape (), so that <c>1 - x</c> works.</summary>
    public static implicit operator Symbol(double value) => Ops.Constant(value);

    /// <summary>Returns a + b, broadcasting.</summary>
    public static Symbol operator +(Symbol a, Symbol b) => Ops.Add(a, b);

    /// <summary>Returns a − b, broadcasting.</summary>
    public static Symbol operator -(Symbol a, Symbol b) => Ops.Subtract(a, b);

    /// <summary>Returns a · b elementwise, broadcasting.</summary>
    public static Symbol operator *(Symbol a, Symbol b) => Ops.Multiply(a, b);

    /// <summary>Returns a / b elementwise, broadcasting.</summary>
    public static Symbol operator /(Symbol a, Symbol b) => Ops.Divide(a, b);

    /// <summary>Returns −x.</summary>
    public static Symbol operator -(Symbol x) => Ops.Negative(x);

    /// <summary>Returns 1 where a &gt; b, else 0, broadcasting.</summary>
    public static Symbol operator >(Symbol a, Symbol b) => Ops.Greater(a, b);

    /// <summary>Returns 1 where a &lt; b, else 0, broadcasting.</summary>
    public static Symbol operator <(Symbol a, Symbol b) => Ops.Less(a, b);

    /// <summary>Returns 1 where a ≥ b, else 0, broadcasting.</summary>
    public static Symbol operator >=(Symbol a, Symbol b) => Ops.GreaterEqual(a, b);

    /// <summary>Returns 1 where a ≤ b, else 0, broadcasting.</summary>
    public static Symbol operator <=(Symbol a, Symbol b) => Ops.LessEqual(a, b);

    /// <summary>
    /// Returns 1 where this equals another tensor, else 0, broadcasting. The operator == compares the symbols themselves.
    /// </summary>
    public Symbol EqualTo(Symbol other) => Ops.Equal(this, other);
}
