using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Adagrad optimizer (Duchi, Hazan &amp; Singer 2011) as Keras computes it: a ← a + g²; w ← w − ε·g / √(a + epsilon).
/// </summary>
public sealed class Adagrad : DecayingOptimizer
{
    internal const string Key = "adagrad";
    private static readonly string[] s_slots = ["accumulator"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="initialAccumulatorValue">The sum of squares before the first update, at least 0.</param>
    /// <param name="epsilon">The constant added to the sum, at least 0.</param>
    /// <param name="weightDecay">The weight decay, at least 0.</param>
    public Adagrad(
        double learningRate = 0.001,
        double initialAccumulatorValue = 0.1,
        double epsilon = 1e-7,
        double weightDecay = 0
    )
        : base(Key, learningRate, weightDecay)
    {
        InitialAccumulatorValue = Share(initialAccumulatorValue, nameof(initialAccumulatorValue));
        Epsilon = Share(epsilon, nameof(epsilon));
    }

    /// <summary>The sum of squares before the first update.</summary>
    public double InitialAccumulatorValue { get; }

    /// <summary>The constant added to the sum.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol g = update.Gradient;
        Symbol sum = update.Slots[0] + Ops.Square(g);
        // Where nothing was ever added, the gradient is 0 too.
        Symbol step = g * update.LearningRate / Ops.Sqrt(sum + (InitialAccumulatorValue + Epsilon));
        return new(Kept(update) - Ops.Where(Ops.NotEqual(g, 0), step, 0), sum);
    }

    internal override void Run(in KernelUpdate update)
    {
        // Slots begin at 0, so the initial value is added where it is used.
        var rule = new Rule(Kept(update), (float)update.LearningRate, (float)(InitialAccumulatorValue + Epsilon));
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, rule);
    }

    internal static Adagrad Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double initial = reader.Number("initial_accumulator_value", 0.1);
        double epsilon = reader.Number("epsilon", 1e-7);
        double decay = reader.Number("weight_decay", 0);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new Adagrad(rate, initial, epsilon, decay) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_accumulator_value"] = InitialAccumulatorValue;
        config["epsilon"] = Epsilon;
        base.Write(config);
    }

    private readonly struct Rule(float kept, float rate, float added) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a += g * g;
            T root = T.Sqrt(a + added);
            // Where nothing was ever added, the gradient is 0 too.
            T step = T.Masked(g, g * rate / root);
            return (w * kept) - step;
        }
    }
}
