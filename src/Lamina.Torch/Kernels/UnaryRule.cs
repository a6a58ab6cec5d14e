namespace Lamina.Torch.Kernels;

/// <summary>The value from which a slope is computed.</summary>
internal enum SlopeSource
{
    Nothing,
    Input,
    Output,
}

/// <summary>An elementwise function and its derivative.</summary>
/// <param name="Forward">Computes y from x.</param>
/// <param name="Source">The value that <paramref name="Backward"/> reads.</param>
/// <param name="Backward">
/// Computes the input's gradient, a new tensor, from the output's; the second argument is x or y.
/// </param>
internal sealed record UnaryRule(
    Func<Tensor, Tensor> Forward,
    SlopeSource Source,
    Func<Tensor, Tensor, Tensor> Backward
)
{
    private static readonly Dictionary<UnaryKind, UnaryRule> s_rules = new()
    {
        [UnaryKind.Negative] = new(Negate, SlopeSource.Nothing, (g, _) => Negate(g)),
        [UnaryKind.Absolute] = new(x => Aten.Unary("aten::abs"u8, x), SlopeSource.Input, TimesSign),
        [UnaryKind.Exp] = new(x => Aten.Unary("aten::exp"u8, x), SlopeSource.Output, Aten.Mul),
        [UnaryKind.Log] = new(x => Aten.Unary("aten::log"u8, x), SlopeSource.Input, Aten.Div),
        [UnaryKind.Log1p] = new(x => Aten.Unary("aten::log1p"u8, x), SlopeSource.Input, OverOnePlus),
        [UnaryKind.Sqrt] = new(
            x => Aten.Unary("aten::sqrt"u8, x),
            SlopeSource.Output,
            (g, y) => Scaled(g, y, 2, Aten.Div)
        ),
        [UnaryKind.Square] = new(x => Aten.Mul(x, x), SlopeSource.Input, (g, x) => Scaled(g, x, 2, Aten.Mul)),
        [UnaryKind.Sin] = new(x => Aten.Unary("aten::sin"u8, x), SlopeSource.Input, TimesCosine),
        [UnaryKind.Cos] = new(x => Aten.Unary("aten::cos"u8, x), SlopeSource.Input, TimesMinusSine),
        [UnaryKind.Sign] = new(x => Aten.Unary("aten::sign"u8, x), SlopeSource.Nothing, (g, _) => Aten.Mul(g, 0)),
    };

    /// <summary>Returns the rule of an op.</summary>
    public static UnaryRule Of(UnaryOp op) => s_rules[op.Kind];

    /// <summary>Returns the rule of an op.</summary>
    public static UnaryRule Of(ClipOp op) =>
        new(
            x => Aten.Clamp(x, op.Min, op.Max),
            SlopeSource.Input,
            (g, x) =>
            {
                using Tensor above = Aten.Binary("aten::ge"u8, x, op.Min);
                using Tensor below = Aten.AtMostMask(x, op.Max);
                using Tensor inside = Aten.And(above, below);
                return Aten.Masked(inside, g);
            }
        );

    private static Tensor Negate(Tensor x) => Aten.Unary("aten::neg"u8, x);

    private static Tensor TimesSign(Tensor gradient, Tensor x)
    {
        using Tensor sign = Aten.Unary("aten::sign"u8, x);
        return Aten.Mul(gradient, sign);
    }

    private static Tensor TimesCosine(Tensor gradient, Tensor x)
    {
        using Tensor cosine = Aten.Unary("aten::cos"u8, x);
        return Aten.Mul(gradient, cosine);
    }

    private static Tensor TimesMinusSine(Tensor gradient, Tensor x)
    {
        using Tensor sine = Aten.Unary("aten::sin"u8, x);
        Aten.UnaryInPlace("aten::neg_"u8, sine);
        return Aten.Mul(gradient, sine);
    }

    private static Tensor OverOnePlus(Tensor gradient, Tensor x)
    {
        using Tensor sum = Aten.Add(x, 1);
        return Aten.Div(gradient, sum);
    }

    private static Tensor Scaled(Tensor gradient, Tensor t, double factor, Func<Tensor, Tensor, Tensor> combine)
    {
        using Tensor scaled = Aten.Mul(t, factor);
        return combine(gradient, scaled);
    }
}
