using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>The update rules known as SGD with momentum μ, rate ε, decay λ and gradient g.</summary>
public enum SgdRule
{
    /// <summary>
    /// Keras's rule: w ← w − λεw first (decoupled), then m ← μm − εg; w ← w + m, or with Nesterov w ← w + μm − εg.
    /// </summary>
    Keras,

    /// <summary>
    /// PyTorch's rule: g ← g + λw; m ← μm + g; w ← w − εm, or with Nesterov w ← w − ε(g + μm). The rate is outside the
    /// buffer.
    /// </summary>
    PyTorch,

    /// <summary>The paper's rule (section 5): v ← μv − λεw − εg; w ← w + v.</summary>
    Paper,
}

/// <summary>Stochastic gradient descent, with momentum.</summary>
public sealed class Sgd : Optimizer
{
    internal const string Key = "sgd";
    private static readonly string[] s_slots = ["momentum"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="momentum">The share of the last step that is kept, in [0, 1].</param>
    /// <param name="nesterov">
    /// <see langword="true"/> to evaluate the gradient as at the next step; not with the paper's rule.
    /// </param>
    /// <param name="weightDecay">The weight decay, at least 0.</param>
    /// <param name="rule">The update rule.</param>
    /// <exception cref="ArgumentException">Nesterov is combined with the paper's rule.</exception>
    public Sgd(
        double learningRate = 0.01,
        double momentum = 0,
        bool nesterov = false,
        double weightDecay = 0,
        SgdRule rule = SgdRule.Keras
    )
        : base(Key, learningRate)
    {
        if (nesterov && rule == SgdRule.Paper)
        {
            throw new ArgumentException(
                "The paper's rule has no Nesterov form. Use Keras's or PyTorch's.",
                nameof(nesterov)
            );
        }
        Momentum = Share(momentum, nameof(momentum), 1);
        WeightDecay = Share(weightDecay, nameof(weightDecay));
        Nesterov = nesterov;
        Rule = rule;
    }

    /// <summary>The share of the last step that is kept.</summary>
    public double Momentum { get; }

    /// <summary><see langword="true"/> if the gradient is evaluated as at the next step.</summary>
    public bool Nesterov { get; }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>The update rule.</summary>
    public SgdRule Rule { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => Momentum == 0 ? [] : s_slots;

    internal override bool HasKernel(UpdateKernels kernels) => true;

    internal override bool IsFused => true;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        (Symbol w, Symbol g, Symbol rate) = (update.Weight, update.Gradient, update.LearningRate);
        // The decay λ times the rate.
        Symbol decay = update.Scalar(s => WeightDecay * s.DecayFactor * s.LearningRate);
        if (update.Slots is not [var m])
        {
            return new(w - (decay * w) - (rate * g));
        }
        switch (Rule)
        {
            case SgdRule.Keras:
                w -= decay * w;
                m = (Momentum * m) - (rate * g);
                return new(w + (Nesterov ? (Momentum * m) - (rate * g) : m), m);
            case SgdRule.PyTorch:
                g += update.Scalar(s => WeightDecay * s.DecayFactor) * w;
                m = (Momentum * m) + g;
                return new(w - (rate * (Nesterov ? g + (Momentum * m) : m)), m);
            default:
                m = (Momentum * m) - (decay * w) - (rate * g);
                return new(w + m, m);
        }
    }

    internal override void Run(in KernelUpdate update)
    {
        (Tensor weight, Tensor gradient, WeightStep step) = (update.Weight, update.Gradient, update.Step);
        ReadOnlySpan<Tensor> slots = update.Slots;
        // Every rule is m ← μm + a·g + b·w; w ← c·w + d·m + e·g, so that one pass computes it.
        double rate = step.LearningRate;
        double decay = WeightDecay * step.DecayFactor;
        SgdCoefficients k = Rule switch
        {
            SgdRule.Keras => new(
                Momentum,
                -rate,
                0,
                1 - (decay * rate),
                Nesterov ? Momentum : 1,
                Nesterov ? -rate : 0,
                0
            ),
            SgdRule.PyTorch => new(
                Momentum,
                1,
                decay,
                1,
                Nesterov ? -rate * Momentum : -rate,
                Nesterov ? -rate : 0,
                Nesterov ? -rate * decay : 0
            ),
            _ => new(Momentum, -rate, -rate * decay, 1, 1, 0, 0),
        };
        if (slots.Length > 0)
        {
            step.Kernels.Sgd(weight, gradient, slots[0], k, step.Context);
            return;
        }
        // Without momentum the three rules are equal.
        step.Kernels.Blend(weight, gradient, 1 - (rate * decay), -rate, step.Context);
    }

    internal static Sgd Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.01);
        double momentum = reader.Number("momentum", 0, 0, 1);
        bool nesterov = reader.Flag("nesterov", false);
        double decay = reader.Number("weight_decay", 0);
        SgdRule rule = reader.Choice("rule", "keras", "keras", "pytorch", "paper") switch
        {
            "keras" => SgdRule.Keras,
            "pytorch" => SgdRule.PyTorch,
            _ => SgdRule.Paper,
        };
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return nesterov && rule == SgdRule.Paper
            ? throw reader.Error(
                "'nesterov' is true, but the paper's rule has no such form. Use rule keras or pytorch."
            )
            : new Sgd(rate, momentum, nesterov, decay, rule) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["rule"] = Rule switch
        {
            SgdRule.Keras => "keras",
            SgdRule.PyTorch => "pytorch",
            _ => "paper",
        };
        config["momentum"] = Momentum;
        config["nesterov"] = Nesterov;
        config["weight_decay"] = WeightDecay;
    }
}
