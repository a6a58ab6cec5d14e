namespace Lamina.Torch.Tests.References;

/// <summary>Functions of one or two numbers, choices, and products of matrices.</summary>
internal static class ElementwiseReference
{
    public static Func<double, double> Of(UnaryKind kind) =>
        kind switch
        {
            UnaryKind.Negative => x => -x,
            UnaryKind.Absolute => Math.Abs,
            UnaryKind.Exp => Math.Exp,
            UnaryKind.Log => Math.Log,
            UnaryKind.Log1p => x => Math.Log(1 + x),
            UnaryKind.Sqrt => Math.Sqrt,
            UnaryKind.Square => x => x * x,
            UnaryKind.Sign => x => Math.Sign(x),
            UnaryKind.Sin => Math.Sin,
            UnaryKind.Cos => Math.Cos,
            _ => throw new NotSupportedException($"{kind} has no reference."),
        };

    public static Func<double, double, double> Of(BinaryKind kind) =>
        kind switch
        {
            BinaryKind.Subtract => (a, b) => a - b,
            BinaryKind.Divide => (a, b) => a / b,
            BinaryKind.Power => Math.Pow,
            BinaryKind.Maximum => Math.Max,
            BinaryKind.Minimum => Math.Min,
            BinaryKind.Greater => (a, b) => a > b ? 1 : 0,
            BinaryKind.GreaterEqual => (a, b) => a >= b ? 1 : 0,
            BinaryKind.Less => (a, b) => a < b ? 1 : 0,
            BinaryKind.LessEqual => (a, b) => a <= b ? 1 : 0,
            BinaryKind.Equal => (a, b) => a == b ? 1 : 0,
            BinaryKind.NotEqual => (a, b) => a != b ? 1 : 0,
            _ => throw new NotSupportedException($"{kind} has no reference."),
        };

    // A sum of both, each times its mask, all stretched to one shape.
    public static Array64 Where(Array64 condition, Array64 a, Array64 b)
    {
        Array64 holds = condition.Map(c => c != 0 ? 1 : 0);
        Array64 one = ArithmeticReference.Combine([holds, a], (h, x) => h == 0 ? 0 : x);
        Array64 other = ArithmeticReference.Combine([holds, b], (h, x) => h == 0 ? x : 0);
        return ArithmeticReference.Combine([one, other], (x, y) => x + y);
    }

    public static Array64 MatMul(Array64 a, Array64 b)
    {
        // (…, n, k, 1) · (…, 1, k, m), summed over k.
        var left = new Array64([.. a.Sizes, 1], a.Values);
        var right = new Array64([.. b.Sizes[..^2], 1, .. b.Sizes[^2..]], b.Values);
        Array64 products = ArithmeticReference.Combine([left, right], (x, y) => x * y);
        return ReduceReference.Reduce(new ReduceOp(ReduceKind.Sum, [products.Rank - 2], false), products);
    }
}
