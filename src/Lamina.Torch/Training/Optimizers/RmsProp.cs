using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The RMSprop optimizer (Hinton 2012) as Keras computes it: v ← ρv + (1 − ρ)g²; w ← w − ε·g / √(v + epsilon), with the
/// step averaged by momentum if there is one. Centered, v is reduced by the square of the mean gradient.
/// </summary>
public sealed class RmsProp : DecayingOptimizer
{
    internal const string Key = "rmsprop";

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="rho">The decay of the mean squared gradient, in [0, 1].</param>
    /// <param name="momentum">The share of the last step that is kept, in [0, 1].</param>
    /// <param name="epsilon">The constant added to the mean square, at least 0.</param>
    /// <param name="centered"><see langword="true"/> to divide by the deviation of the gradient instead.</param>
    /// <param name="weightDecay">The weight decay, at least 0.</param>
    public RmsProp(
        double learningRate = 0.001,
        double rho = 0.9,
        double momentum = 0,
        double epsilon = 1e-7,
        bool centered = false,
        double weightDecay = 0
    )
        : base(Key, learningRate, weightDecay)
    {
        Rho = Share(rho, nameof(rho), 1);
        Momentum = Share(momentum, nameof(momentum), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
        Centered = centered;
    }

    /// <summary>The decay of the mean squared gradient.</summary>
    public double Rho { get; }

    /// <summary>The share of the last step that is kept.</summary>
    public double Momentum { get; }

    /// <summary>The constant added to the mean square.</summary>
    public double Epsilon { get; }

    /// <summary><see langword="true"/> if the deviation of the gradient divides.</summary>
    public bool Centered { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames =>
        (Momentum > 0, Centered) switch
        {
            (false, false) => ["velocity"],
            (true, false) => ["velocity", "momentum"],
            (false, true) => ["velocity", "average_gradient"],
            _ => ["velocity", "momentum", "average_gradient"],
        };

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        (Symbol g, IReadOnlyList<Symbol> slots) = (update.Gradient, update.Slots);
        List<Symbol> values = [(Rho * slots[0]) + ((1 - Rho) * Ops.Square(g))];
        Symbol square = values[0];
        if (Centered)
        {
            Symbol mean = (Rho * slots[^1]) + ((1 - Rho) * g);
            square -= Ops.Square(mean);
            values.Add(mean);
        }
        Symbol step = g * update.LearningRate / Ops.Sqrt(square + Epsilon);
        if (Momentum > 0)
        {
            step = (Momentum * slots[1]) + step;
            values.Insert(1, step);
        }
        return new(Kept(update) - step, values);
    }

    internal override void Run(in KernelUpdate update)
    {
        var k = new Coefficients(
            Kept(update),
            (float)update.LearningRate,
            (float)Rho,
            (float)(1 - Rho),
            (float)Momentum,
            (float)Epsilon
        );
        if (Momentum > 0 || !Centered)
        {
            update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, new Rule(k, Centered));
            return;
        }
        update.Kernels.Elements(update.Weight, update.Gradient, update.Slots, new CenteredRule(k));
    }

    internal static RmsProp Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double rho = reader.Number("rho", 0.9, 0, 1);
        double momentum = reader.Number("momentum", 0, 0, 1);
        double epsilon = reader.Number("epsilon", 1e-7);
        bool centered = reader.Flag("centered", false);
        double decay = reader.Number("weight_decay", 0);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new RmsProp(rate, rho, momentum, epsilon, centered, decay) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["rho"] = Rho;
        config["momentum"] = Momentum;
        config["epsilon"] = Epsilon;
        config["centered"] = Centered;
        base.Write(config);
    }

    private readonly record struct Coefficients(
        float Kept,
        float Rate,
        float Rho,
        float Rest,
        float Momentum,
        float Epsilon
    );

    private readonly struct Rule(Coefficients k, bool centered) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a = (a * k.Rho) + (g * g * k.Rest);
            T square = a;
            if (centered)
            {
                c = (c * k.Rho) + (g * k.Rest);
                square -= c * c;
            }
            T step = g * k.Rate / T.Sqrt(square + k.Epsilon);
            if (k.Momentum > 0)
            {
                step = b = (b * k.Momentum) + step;
            }
            return (w * k.Kept) - step;
        }
    }

    private readonly struct CenteredRule(Coefficients k) : IElementRule
    {
        public T Step<T>(T w, T g, ref T a, ref T b, ref T c)
            where T : struct, IElements<T>
        {
            a = (a * k.Rho) + (g * g * k.Rest);
            b = (b * k.Rho) + (g * k.Rest);
            T square = a - (b * b) + k.Epsilon;
            return (w * k.Kept) - (g * k.Rate / T.Sqrt(square));
        }
    }
}
