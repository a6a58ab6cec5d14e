namespace Lamina.Torch.Kernels;

/// <summary>
/// Computes an operand's gradient from the output's, the operands and the output; all have the output's shape or
/// broadcast to it.
/// </summary>
internal delegate Tensor BinarySlope(Tensor gradient, Tensor a, Tensor b, Tensor y);

/// <summary>An elementwise function of two tensors and its derivatives, as PyTorch defines them at kinks and poles.</summary>
/// <param name="Forward">Computes y from a and b, broadcasting.</param>
/// <param name="ByLeft">The gradient by a; <see langword="null"/> if there is none.</param>
/// <param name="ByRight">The gradient by b; <see langword="null"/> if there is none.</param>
internal sealed record BinaryRule(Func<Tensor, Tensor, Tensor> Forward, BinarySlope? ByLeft, BinarySlope? ByRight)
{
    private static readonly Dictionary<BinaryKind, BinaryRule> s_rules = new()
    {
        [BinaryKind.Subtract] = new(Aten.Subtract, (g, _, _, _) => g.Duplicate(), (g, _, _, _) => Negate(g)),
        [BinaryKind.Divide] = new(Aten.Div, (g, _, b, _) => Aten.Div(g, b), DivideByRight),
        [BinaryKind.Power] = new(Aten.Pow, PowerByBase, PowerByExponent),
        [BinaryKind.Maximum] = new(
            (a, b) => Aten.Binary("aten::maximum"u8, default, a, b),
            (g, a, b, _) => Chosen(g, a, b),
            (g, a, b, _) => Chosen(g, b, a)
        ),
        [BinaryKind.Minimum] = new(
            (a, b) => Aten.Binary("aten::minimum"u8, default, a, b),
            (g, a, b, _) => Chosen(g, b, a),
            (g, a, b, _) => Chosen(g, a, b)
        ),
        [BinaryKind.Greater] = new((a, b) => Compare("aten::gt"u8, a, b), null, null),
        [BinaryKind.GreaterEqual] = new((a, b) => Compare("aten::ge"u8, a, b), null, null),
        [BinaryKind.Less] = new((a, b) => Compare("aten::lt"u8, a, b), null, null),
        [BinaryKind.LessEqual] = new((a, b) => Compare("aten::le"u8, a, b), null, null),
        [BinaryKind.Equal] = new((a, b) => Compare("aten::eq"u8, a, b), null, null),
        [BinaryKind.NotEqual] = new((a, b) => Compare("aten::ne"u8, a, b), null, null),
    };

    /// <summary>Returns the rule of an op.</summary>
    public static BinaryRule Of(BinaryOp op) => s_rules[op.Kind];

    private static Tensor Negate(Tensor x) => Aten.Unary("aten::neg"u8, x);

    private static Tensor Compare(ReadOnlySpan<byte> op, Tensor a, Tensor b) =>
        Aten.TakeAs(Aten.Binary(op, "Tensor"u8, a, b), (DType)Math.Max((int)a.DType, (int)b.DType));

    // −g · y / b
    private static Tensor DivideByRight(Tensor gradient, Tensor a, Tensor b, Tensor y)
    {
        using Tensor slope = Aten.Div(y, b);
        using Tensor product = Aten.Mul(gradient, slope);
        return Negate(product);
    }

    // g · b · a^(b − 1), and 0 where b is 0, whatever a is.
    private static Tensor PowerByBase(Tensor gradient, Tensor a, Tensor b, Tensor y)
    {
        using Tensor less = Aten.Add(b, -1);
        using Tensor power = Aten.Pow(a, less);
        using Tensor slope = Aten.Mul(power, b);
        using Tensor product = Aten.Mul(gradient, slope);
        using Tensor varies = Aten.Binary("aten::ne"u8, b, 0);
        return Aten.Masked(varies, product);
    }

    // g · y · log a, and 0 where a is 0 and b is not negative: 0^b stays 0.
    private static Tensor PowerByExponent(Tensor gradient, Tensor a, Tensor b, Tensor y)
    {
        using Tensor logarithm = Aten.Unary("aten::log"u8, a);
        using Tensor slope = Aten.Mul(logarithm, y);
        using Tensor product = Aten.Mul(gradient, slope);
        using Tensor isZero = Aten.Binary("aten::eq"u8, a, 0);
        using Tensor isHigh = Aten.Binary("aten::ge"u8, b, 0);
        using Tensor stays = Aten.And(isZero, isHigh);
        using Tensor zero = Tensor.Scalar(0);
        return Aten.Where(stays, zero, product);
    }

    // The full gradient where a is larger, half of it where both are equal; NaN compares as neither, so it passes.
    private static Tensor Chosen(Tensor gradient, Tensor a, Tensor b)
    {
        using Tensor equal = Aten.Binary("aten::eq"u8, "Tensor"u8, a, b);
        using Tensor half = Aten.Mul(gradient, 0.5);
        using Tensor shared = Aten.Where(equal, half, gradient);
        using Tensor smaller = Aten.Binary("aten::lt"u8, "Tensor"u8, a, b);
        using Tensor zero = Tensor.Scalar(0);
        return Aten.Where(smaller, zero, shared);
    }
}
