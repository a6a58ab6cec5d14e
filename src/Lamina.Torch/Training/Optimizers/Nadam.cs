using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Nadam optimizer (Dozat 2016) as Keras computes it: Adam with Nesterov's momentum, whose decay grows from β₁ / 2
/// to β₁.
/// </summary>
/// <param name="learningRate">The step size, at least 0.</param>
/// <param name="beta1">The decay of the mean gradient, in [0, 1].</param>
/// <param name="beta2">The decay of the mean squared gradient, in [0, 1].</param>
/// <param name="epsilon">The constant added to the root, at least 0.</param>
/// <param name="weightDecay">The weight decay, at least 0.</param>
public sealed class Nadam(
    double learningRate = 0.001,
    double beta1 = 0.9,
    double beta2 = 0.999,
    double epsilon = 1e-7,
    double weightDecay = 0
) : AdamFamily(Key, learningRate, beta1, beta2, epsilon, weightDecay)
{
    internal const string Key = "nadam";
    private static readonly string[] s_slots = ["m", "v"];

    // The product of the decays up to an update depends on its number alone; this is the last one that was asked for.
    private (long Update, double Product) _product = (0, 1);

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol g = update.Gradient;
        Symbol mean = update.Slots[0] + ((g - update.Slots[0]) * (1 - Beta1));
        Symbol square = update.Slots[1] + ((Ops.Square(g) - update.Slots[1]) * (1 - Beta2));
        Symbol step = (mean * update.Scalar(MomentRate)) + (g * update.Scalar(GradientRate));
        Symbol root = Ops.Sqrt(square * update.Scalar(s => 1 / (1 - Math.Pow(Beta2, s.Number))));
        return new(Kept(update) - (step / (root + Epsilon)), mean, square);
    }

    internal override void Run(in KernelUpdate update)
    {
        var step = new UpdateStep(update.Number, update.LearningRate, update.DecayFactor);
        var rule = new Rule(
            Kept(update),
            (float)Beta1,
            (float)Beta2,
            (float)MomentRate(step),
            (float)GradientRate(step),
            (float)(1 / (1 - Math.Pow(Beta2, update.Number))),
            (float)Epsilon
        );
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, rule);
    }

    private double MomentRate(UpdateStep step)
    {
        double next = Decay(step.Number + 1);
        return step.LearningRate * next / (1 - (ProductOf(step.Number) * next));
    }

    private double GradientRate(UpdateStep step) =>
        step.LearningRate * (1 - Decay(step.Number)) / (1 - ProductOf(step.Number));

    private double Decay(long update) => Beta1 * (1 - (0.5 * Math.Pow(0.96, update)));

    private double ProductOf(long update)
    {
        (long at, double product) = _product.Update <= update ? _product : (0, 1);
        // The product only becomes smaller, and is 0 to every float after some thousand updates.
        while (at < update && product > 0)
        {
            product *= Decay(++at);
        }
        _product = (update, product);
        return product;
    }

    internal static Nadam Read(ConfigReader reader) =>
        Read(
            reader,
            (rate, b1, b2, epsilon, decay, options) => new Nadam(rate, b1, b2, epsilon, decay) { Options = options }
        );

    private readonly struct Rule(
        float kept,
        float beta1,
        float beta2,
        float momentRate,
        float gradientRate,
        float squareScale,
        float epsilon
    ) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a += (g - a) * (1 - beta1);
            b += ((g * g) - b) * (1 - beta2);
            T step = (a * momentRate) + (g * gradientRate);
            return (w * kept) - (step / (T.Sqrt(b * squareScale) + epsilon));
        }
    }
}
