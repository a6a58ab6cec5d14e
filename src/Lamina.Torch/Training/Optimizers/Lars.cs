using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The LARS optimizer (You, Gitman &amp; Ginsburg 2017, "Large batch training of convolutional networks"): momentum
/// with a separate rate for each weight. local = η‖w‖ / (‖g‖ + λ‖w‖); v ← μv + ε·local·(g + λw); w ← w − v. The norms
/// are over the whole weight. If the weight is 0 and has no usable norm, local is 1.
/// </summary>
public sealed class Lars : Optimizer
{
    internal const string Key = "lars";
    private static readonly string[] s_slots = ["momentum"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size ε, at least 0; far larger than for SGD, since η makes it small.</param>
    /// <param name="momentum">The share μ of the last step that is kept, in [0, 1].</param>
    /// <param name="weightDecay">The decay λ, at least 0.</param>
    /// <param name="trustCoefficient">The trust coefficient η, at least 0: a step's norm as a share of the weight's.</param>
    /// <param name="adaptVectors">
    /// <see langword="true"/> to scale and decay weights of one dimension, too (biases, batch normalization's gamma and
    /// beta); <see langword="false"/> to update them by SGD with momentum.
    /// </param>
    public Lars(
        double learningRate = 1,
        double momentum = 0.9,
        double weightDecay = 0.0005,
        double trustCoefficient = 0.001,
        bool adaptVectors = false
    )
        : base(Key, learningRate)
    {
        Momentum = Share(momentum, nameof(momentum), 1);
        WeightDecay = Share(weightDecay, nameof(weightDecay));
        TrustCoefficient = Share(trustCoefficient, nameof(trustCoefficient));
        AdaptVectors = adaptVectors;
    }

    /// <summary>The share of the last step that is kept.</summary>
    public double Momentum { get; }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>The trust coefficient.</summary>
    public double TrustCoefficient { get; }

    /// <summary><see langword="true"/> if weights of one dimension are scaled and decayed too.</summary>
    public bool AdaptVectors { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => Momentum == 0 ? [] : s_slots;

    internal override bool MeasuresGradient => true;

    internal override bool HasKernel(UpdateKernels kernels) => true;

    internal override bool IsFused => true;

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        (Symbol w, Symbol g) = (update.Weight, update.Gradient);
        Symbol local = 1;
        if (AdaptVectors || w.Shape.Rank > 1)
        {
            Symbol decay = update.Scalar(s => WeightDecay * s.DecayFactor);
            Symbol size = Ops.Sqrt(Ops.Sum(Ops.Square(w)));
            Symbol divisor = Ops.Sqrt(Ops.Sum(Ops.Square(g))) + (decay * size);
            local = Ops.Where(size * divisor > 0, TrustCoefficient * size / divisor, 1);
            g += decay * w;
        }
        Symbol step = update.LearningRate * local * g;
        return update.Slots is [var m] ? new(w - ((Momentum * m) + step), (Momentum * m) + step) : new(w - step);
    }

    internal override void Run(in KernelUpdate update)
    {
        (Tensor weight, Tensor gradient, WeightStep step) = (update.Weight, update.Gradient, update.Step);
        ReadOnlySpan<Tensor> slots = update.Slots;
        bool adapts = AdaptVectors || weight.Rank > 1;
        double decay = adapts ? WeightDecay * step.DecayFactor : 0;
        double? factor = adapts
            ? step.Kernels.Trust(gradient, weight, new TrustCoefficients(TrustCoefficient, 1, decay))
            : 1;
        double rate = step.LearningRate * (factor ?? 1);
        decay = factor is null ? 0 : decay;
        if (slots.Length > 0)
        {
            step.Kernels.Sgd(weight, gradient, slots[0], new(Momentum, rate, rate * decay, 1, -1, 0, 0), step.Context);
            return;
        }
        step.Kernels.Blend(weight, gradient, 1 - (rate * decay), -rate, step.Context);
    }

    internal static Lars Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 1);
        double momentum = reader.Number("momentum", 0.9, 0, 1);
        double decay = reader.Number("weight_decay", 0.0005);
        double trust = reader.Number("trust_coefficient", 0.001);
        bool vectors = reader.Flag("adapt_vectors", false);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new Lars(rate, momentum, decay, trust, vectors) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["momentum"] = Momentum;
        config["weight_decay"] = WeightDecay;
        config["trust_coefficient"] = TrustCoefficient;
        config["adapt_vectors"] = AdaptVectors;
    }
}
