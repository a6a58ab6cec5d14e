namespace Lamina.Torch.Tests.References;

/// <summary>The activations as their papers and Keras 2 define them, and where each has a kink.</summary>
internal static class ActivationReference
{
    public static Array64 Forward(ActivationOp op, Array64 x) => x.Map(v => Value(op.Kind, op.Alpha, v));

    public static double Value(ActivationKind kind, double alpha, double x) =>
        kind switch
        {
            ActivationKind.Relu => Math.Max(0, x),
            ActivationKind.Relu6 => Math.Clamp(x, 0, 6),
            ActivationKind.LeakyRelu => x > 0 ? x : alpha * x,
            ActivationKind.Elu => x > 0 ? x : alpha * (Math.Exp(x) - 1),
            ActivationKind.Selu => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)),
            ActivationKind.Gelu => x * NormalDistribution(x),
            ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
            ActivationKind.Tanh => Math.Tanh(x),
            ActivationKind.Softplus => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))),
            ActivationKind.Softsign => x / (1 + Math.Abs(x)),
            ActivationKind.Silu => x / (1 + Math.Exp(-x)),
            ActivationKind.HardSigmoid => Math.Clamp((.2 * x) + .5, 0, 1),
            ActivationKind.Exponential => Math.Exp(x),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} has no reference."),
        };

    /// <summary>Where the derivative jumps; a finite difference across it would say nothing.</summary>
    public static double[] Kinks(ActivationKind kind) =>
        kind switch
        {
            ActivationKind.Relu or ActivationKind.LeakyRelu or ActivationKind.Elu or ActivationKind.Selu => [0],
            ActivationKind.Relu6 => [0, 6],
            ActivationKind.HardSigmoid => [-2.5, 2.5],
            _ => [],
        };

    /// <summary>Φ(x) = ½ + φ(x) · (x + x³/3 + x⁵/15 + …), a series that converges everywhere.</summary>
    public static double NormalDistribution(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum) && n < 2000; n += 2)
        {
            term *= x * x / n;
            sum += term;
        }
        return .5 + (Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * sum);
    }
}
