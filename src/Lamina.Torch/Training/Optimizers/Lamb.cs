using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The LAMB optimizer (You et al. 2020, "Large batch optimization for deep learning") as Keras computes it: Adam's step u,
/// scaled to the norm of the weight: w ← w − ε·‖w‖ / ‖u‖·u. If a norm is 0, the scale is 1.
/// </summary>
/// <param name="learningRate">The step size, at least 0.</param>
/// <param name="beta1">The decay of the mean gradient, in [0, 1].</param>
/// <param name="beta2">The decay of the mean squared gradient, in [0, 1].</param>
/// <param name="epsilon">The constant added to the root, at least 0.</param>
/// <param name="weightDecay">The weight decay, at least 0.</param>
public sealed class Lamb(
    double learningRate = 0.001,
    double beta1 = 0.9,
    double beta2 = 0.999,
    double epsilon = 1e-7,
    double weightDecay = 0
) : AdamFamily(Key, learningRate, beta1, beta2, epsilon, weightDecay)
{
    internal const string Key = "lamb";
    private static readonly string[] s_slots = ["m", "v"];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    internal override bool MeasuresGradient => true;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol g = update.Gradient;
        Symbol mean = update.Slots[0] + ((g - update.Slots[0]) * (1 - Beta1));
        Symbol square = update.Slots[1] + ((Ops.Square(g) - update.Slots[1]) * (1 - Beta2));
        Symbol root = Ops.Sqrt(square * update.Scalar(s => 1 / (1 - Math.Pow(Beta2, s.Number))));
        Symbol step = mean * update.Scalar(s => 1 / (1 - Math.Pow(Beta1, s.Number))) / (root + Epsilon);
        Symbol weight = Kept(update);
        (Symbol size, Symbol length) = (Ops.Sqrt(Ops.Sum(Ops.Square(weight))), Ops.Sqrt(Ops.Sum(Ops.Square(step))));
        Symbol ratio = Ops.Where(size * length > 0, size / length, 1);
        return new(weight - (step * (update.LearningRate * ratio)), mean, square);
    }

    internal override void Run(in KernelUpdate update)
    {
        (Tensor weight, Tensor step) = (update.Weight, update.Gradient);
        var rule = new Rule(
            (float)Beta1,
            (float)Beta2,
            (float)(1 / (1 - Math.Pow(Beta1, update.Number))),
            (float)(1 / (1 - Math.Pow(Beta2, update.Number))),
            (float)Epsilon
        );
        // The step takes the place of the gradient.
        update.Kernels.Elements(step, step, update.Slots, rule);
        double kept = Kept(update);
        double ratio = update.Kernels.Trust(step, weight, new TrustCoefficients(1, kept, 0)) ?? 1;
        update.Kernels.Blend(weight, step, kept, -ratio * update.LearningRate);
    }

    internal static Lamb Read(ConfigReader reader) =>
        Read(
            reader,
            (rate, b1, b2, epsilon, decay, options) => new Lamb(rate, b1, b2, epsilon, decay) { Options = options }
        );

    private readonly struct Rule(float beta1, float beta2, float meanScale, float squareScale, float epsilon)
        : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a += (g - a) * (1 - beta1);
            b += ((g * g) - b) * (1 - beta2);
            return a * meanScale / (T.Sqrt(b * squareScale) + epsilon);
        }
    }
}
