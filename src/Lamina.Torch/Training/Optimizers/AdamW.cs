using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// Adam with decoupled weight decay λ (Loshchilov &amp; Hutter 2019) as Keras computes it: w ← w − λεw, then Adam's
/// step. Biases and batch normalization decay too, unless a rule says otherwise: <c>new WeightRule("bias", 1, 0)</c>.
/// </summary>
public sealed class AdamW : Optimizer
{
    internal const string Key = "adamw";
    private static readonly string[] s_slots = ["m", "v"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="weightDecay">The decay λ, at least 0.</param>
    /// <param name="beta1">The decay of the mean gradient, in [0, 1].</param>
    /// <param name="beta2">The decay of the mean squared gradient, in [0, 1].</param>
    /// <param name="epsilon">The constant added to the root, at least 0.</param>
    public AdamW(
        double learningRate = 0.001,
        double weightDecay = 0.004,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-7
    )
        : base(Key, learningRate)
    {
        WeightDecay = Share(weightDecay, nameof(weightDecay));
        Beta1 = Share(beta1, nameof(beta1), 1);
        Beta2 = Share(beta2, nameof(beta2), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
    }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta1 { get; }

    /// <summary>The decay of the mean squared gradient.</summary>
    public double Beta2 { get; }

    /// <summary>The constant added to the root.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> SlotNames => s_slots;

    internal override bool HasKernel(UpdateKernels kernels) => true;

    internal override bool IsFused => true;

    internal override int Temporaries => 3;

    private AdamRule Rule => new(Beta1, Beta2, Epsilon);

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update) =>
        Rule.InOps(update, update.Weight * update.Scalar(s => 1 - (WeightDecay * s.DecayFactor * s.LearningRate)));

    internal override void Run(in KernelUpdate update) =>
        Rule.Run(update, 1 - (WeightDecay * update.DecayFactor * update.LearningRate));

    internal static AdamW Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double decay = reader.Number("weight_decay", 0.004);
        double beta1 = reader.Number("beta_1", 0.9, 0, 1);
        double beta2 = reader.Number("beta_2", 0.999, 0, 1);
        double epsilon = reader.Number("epsilon", 1e-7);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new AdamW(rate, decay, beta1, beta2, epsilon) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["weight_decay"] = WeightDecay;
        config["beta_1"] = Beta1;
        config["beta_2"] = Beta2;
        config["epsilon"] = Epsilon;
    }
}
