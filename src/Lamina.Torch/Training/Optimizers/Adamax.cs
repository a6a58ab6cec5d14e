using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Adamax optimizer (Kingma &amp; Ba 2015, section 7.1) as Keras computes it: m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g|);
/// w ← w − ε / (1 − β₁ᵗ)·m / (u + epsilon).
/// </summary>
/// <param name="learningRate">The step size, at least 0.</param>
/// <param name="beta1">The decay of the mean gradient, in [0, 1].</param>
/// <param name="beta2">The decay of the greatest gradient, in [0, 1].</param>
/// <param name="epsilon">The constant added to the divisor, at least 0.</param>
/// <param name="weightDecay">The weight decay, at least 0.</param>
public sealed class Adamax(
    double learningRate = 0.001,
    double beta1 = 0.9,
    double beta2 = 0.999,
    double epsilon = 1e-7,
    double weightDecay = 0
) : AdamFamily(Key, learningRate, beta1, beta2, epsilon, weightDecay)
{
    internal const string Key = "adamax";
    private static readonly string[] s_slots = ["m", "u"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol rate = update.Scalar(s => s.LearningRate / (1 - Math.Pow(Beta1, s.Number)));
        Symbol mean = update.Slots[0] + ((update.Gradient - update.Slots[0]) * (1 - Beta1));
        Symbol greatest = Ops.Maximum(update.Slots[1] * Beta2, Ops.Abs(update.Gradient));
        return new(Kept(update) - (mean * rate / (greatest + Epsilon)), mean, greatest);
    }

    internal override void Run(in KernelUpdate update)
    {
        double rate = update.LearningRate / (1 - Math.Pow(Beta1, update.Number));
        var rule = new Rule(Kept(update), (float)Beta1, (float)Beta2, (float)rate, (float)Epsilon);
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, rule);
    }

    internal static Adamax Read(ConfigReader reader) =>
        Read(
            reader,
            (rate, b1, b2, epsilon, decay, options) => new Adamax(rate, b1, b2, epsilon, decay) { Options = options }
        );

    private readonly struct Rule(float kept, float beta1, float beta2, float rate, float epsilon) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a += (g - a) * (1 - beta1);
            b = T.Max(b * beta2, T.Abs(g));
            return (w * kept) - (a * rate / (b + epsilon));
        }
    }
}
