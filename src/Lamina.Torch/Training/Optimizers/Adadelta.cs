using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Adadelta optimizer (Zeiler 2012) as Keras computes it: v ← ρv + (1 − ρ)g²; d = √(u + epsilon) / √(v + epsilon)·g;
/// u ← ρu + (1 − ρ)d²; w ← w − ε·d. The paper's rate is 1; Keras's default is 0.001.
/// </summary>
public sealed class Adadelta : DecayingOptimizer
{
    internal const string Key = "adadelta";
    private static readonly string[] s_slots = ["accumulated_grad", "accumulated_delta"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="rho">The decay of both means, in [0, 1].</param>
    /// <param name="epsilon">The constant added to both means, at least 0.</param>
    /// <param name="weightDecay">The weight decay, at least 0.</param>
    public Adadelta(double learningRate = 0.001, double rho = 0.95, double epsilon = 1e-7, double weightDecay = 0)
        : base(Key, learningRate, weightDecay)
    {
        Rho = Share(rho, nameof(rho), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
    }

    /// <summary>The decay of both means.</summary>
    public double Rho { get; }

    /// <summary>The constant added to both means.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol g = update.Gradient;
        Symbol square = (Rho * update.Slots[0]) + ((1 - Rho) * Ops.Square(g));
        Symbol delta = Ops.Sqrt(update.Slots[1] + Epsilon) * g / Ops.Sqrt(square + Epsilon);
        Symbol deltaSquare = (Rho * update.Slots[1]) + ((1 - Rho) * Ops.Square(delta));
        return new(Kept(update) - (delta * update.LearningRate), square, deltaSquare);
    }

    internal override void Run(in KernelUpdate update)
    {
        var rule = new Rule(Kept(update), (float)update.LearningRate, (float)Rho, (float)(1 - Rho), (float)Epsilon);
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, rule);
    }

    internal static Adadelta Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double rho = reader.Number("rho", 0.95, 0, 1);
        double epsilon = reader.Number("epsilon", 1e-7);
        double decay = reader.Number("weight_decay", 0);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new Adadelta(rate, rho, epsilon, decay) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["rho"] = Rho;
        config["epsilon"] = Epsilon;
        base.Write(config);
    }

    private readonly struct Rule(float kept, float rate, float rho, float rest, float epsilon) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a = (a * rho) + (g * g * rest);
            T delta = T.Sqrt(b + epsilon) * g / T.Sqrt(a + epsilon);
            b = (b * rho) + (delta * delta * rest);
            return (w * kept) - (delta * rate);
        }
    }
}
