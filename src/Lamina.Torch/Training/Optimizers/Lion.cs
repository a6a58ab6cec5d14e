using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Lion optimizer (Chen et al. 2023) as Keras computes it: w ← w − ε·sign(β₁m + (1 − β₁)g); m ← β₂m + (1 − β₂)g.
/// </summary>
public sealed class Lion : DecayingOptimizer
{
    internal const string Key = "lion";
    private static readonly string[] s_slots = ["momentum"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0; about a tenth of Adam's.</param>
    /// <param name="beta1">The share of the mean gradient in a step, in [0, 1].</param>
    /// <param name="beta2">The decay of the mean gradient, in [0, 1].</param>
    /// <param name="weightDecay">The weight decay, at least 0.</param>
    public Lion(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
        : base(Key, learningRate, weightDecay)
    {
        Beta1 = Share(beta1, nameof(beta1), 1);
        Beta2 = Share(beta2, nameof(beta2), 1);
    }

    /// <summary>The share of the mean gradient in a step.</summary>
    public double Beta1 { get; }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta2 { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        (Symbol g, Symbol m) = (update.Gradient, update.Slots[0]);
        Symbol step = update.LearningRate * Ops.Sign((Beta1 * m) + ((1 - Beta1) * g));
        return new(Kept(update) - step, (Beta2 * m) + ((1 - Beta2) * g));
    }

    internal override void Run(in KernelUpdate update)
    {
        var rule = new Rule(Kept(update), (float)update.LearningRate, (float)Beta1, (float)Beta2);
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, rule);
    }

    internal static Lion Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double beta1 = reader.Number("beta_1", 0.9, 0, 1);
        double beta2 = reader.Number("beta_2", 0.99, 0, 1);
        double decay = reader.Number("weight_decay", 0);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new Lion(rate, beta1, beta2, decay) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["beta_1"] = Beta1;
        config["beta_2"] = Beta2;
        base.Write(config);
    }

    private readonly struct Rule(float kept, float rate, float beta1, float beta2) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            T step = T.Sign((a * beta1) + (g * (1 - beta1))) * rate;
            a = (a * beta2) + (g * (1 - beta2));
            return (w * kept) - step;
        }
    }
}
