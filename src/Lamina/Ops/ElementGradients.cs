namespace Lamina;

/// <summary>Gradients of elementwise functions in ops, with the conventions of the kernels at kinks.</summary>
internal static class ElementGradients
{
    private const double SeluAlpha = 1.6732632423543772;
    private const double SeluScale = 1.0507009873554805;

    /// <summary>Returns the derivative of a function of one tensor.</summary>
    public static Symbol Slope(UnaryKind kind, Symbol x, Symbol y) =>
        kind switch
        {
            UnaryKind.Negative => -1,
            UnaryKind.Absolute => Ops.Sign(x),
            UnaryKind.Exp => y,
            UnaryKind.Log => 1 / x,
            UnaryKind.Log1p => 1 / (1 + x),
            UnaryKind.Sqrt => 0.5 / y,
            UnaryKind.Square => 2 * x,
            UnaryKind.Sin => Ops.Cos(x),
            UnaryKind.Cos => -Ops.Sin(x),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no derivative."),
        };

    /// <summary>Returns the derivative of an activation other than gelu.</summary>
    public static Symbol Slope(ActivationOp op, Symbol x, Symbol y) =>
        op.Kind switch
        {
            ActivationKind.Relu => x > 0,
            ActivationKind.Relu6 => (x > 0) * (x < 6),
            ActivationKind.LeakyRelu => op.Alpha + ((1 - op.Alpha) * (x > 0)),
            ActivationKind.Elu => EluSlope(x, op.Alpha, 1),
            ActivationKind.Selu => EluSlope(x, SeluAlpha, SeluScale),
            ActivationKind.Sigmoid => y * (1 - y),
            ActivationKind.Tanh => 1 - Ops.Square(y),
            ActivationKind.Softplus => Ops.Activate(x, ActivationKind.Sigmoid),
            ActivationKind.Softsign => 1 / Ops.Square(1 + Ops.Abs(x)),
            ActivationKind.Silu => SiluSlope(Ops.Activate(x, ActivationKind.Sigmoid), y),
            ActivationKind.HardSigmoid => 0.2 * (y > 0) * (y < 1),
            ActivationKind.Exponential => y,
            _ => throw new ArgumentOutOfRangeException(nameof(op), op.Kind, "has no derivative in ops."),
        };

    /// <summary>Returns the gradients of a product.</summary>
    public static Symbol?[] Multiply(Symbol[] x, Symbol g, bool[] wanted)
    {
        var results = new Symbol?[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            if (wanted[i])
            {
                Symbol product = x.Where((_, j) => j != i).Aggregate(g, (a, b) => a * b);
                results[i] = GradientShapes.SumTo(product, x[i].Shape);
            }
        }
        return results;
    }

    /// <summary>Returns the gradients of a function of two tensors.</summary>
    public static Symbol?[] Binary(BinaryKind kind, Symbol a, Symbol b, Symbol y, Symbol g, bool[] wanted)
    {
        Symbol? left = wanted[0] ? Left(kind, a, b, g) : null;
        Symbol? right = wanted[1] ? Right(kind, a, b, y, g) : null;
        return
        [
            left is null ? null : GradientShapes.SumTo(left, a.Shape),
            right is null ? null : GradientShapes.SumTo(right, b.Shape),
        ];
    }

    /// <summary>Returns the gradients of a selection.</summary>
    public static Symbol?[] Where(Symbol[] x, Symbol g) =>
        [
            null,
            GradientShapes.SumTo(Ops.Where(x[0], g, 0), x[1].Shape),
            GradientShapes.SumTo(Ops.Where(x[0], 0, g), x[2].Shape),
        ];

    /// <summary>Returns the gradient of the logarithm of a softmax by its logits.</summary>
    public static Symbol LogSoftmax(Symbol logits, Symbol g) =>
        g - (Ops.Softmax(logits) * Ops.Sum(g, [-1], keepDims: true));

    private static Symbol Left(BinaryKind kind, Symbol a, Symbol b, Symbol g) =>
        kind switch
        {
            BinaryKind.Subtract => g,
            BinaryKind.Divide => g / b,
            BinaryKind.Power => Ops.Where(b, g * b * Ops.Power(a, b - 1), 0),
            BinaryKind.Maximum => g * Chosen(a > b, a, b),
            _ => g * Chosen(a < b, a, b),
        };

    private static Symbol Right(BinaryKind kind, Symbol a, Symbol b, Symbol y, Symbol g) =>
        kind switch
        {
            BinaryKind.Subtract => -g,
            BinaryKind.Divide => -g * y / b,
            // 0^b stays 0; the logarithm is not taken there, as 0 · ∞ is not a number.
            BinaryKind.Power => g * y * Ops.Log(Ops.Where(a, a, 1)),
            BinaryKind.Maximum => g * Chosen(b > a, a, b),
            _ => g * Chosen(b < a, a, b),
        };

    private static Symbol Chosen(Symbol isChosen, Symbol a, Symbol b) => isChosen + (0.5 * Ops.Equal(a, b));

    // The exponent is bounded, because a branch that is not selected must stay finite.
    private static Symbol EluSlope(Symbol x, double alpha, double scale) =>
        Ops.Where(x > 0, scale, alpha * scale * Ops.Exp(Ops.Minimum(x, 0)));

    private static Symbol SiluSlope(Symbol sigmoid, Symbol y) => sigmoid + (y * (1 - sigmoid));
}
