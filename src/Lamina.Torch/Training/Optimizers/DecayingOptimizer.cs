using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// An optimizer with Keras's decoupled weight decay λ, which precedes the rule: w ← w − λ·rate·w. Keras's default is no
/// decay.
/// </summary>
public abstract class DecayingOptimizer : Optimizer
{
    private protected DecayingOptimizer(string name, double learningRate, double weightDecay)
        : base(name, learningRate) => WeightDecay = Share(weightDecay, nameof(weightDecay));

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    internal override bool HasKernel(UpdateKernels kernels) => kernels.IsOnePass;

    /// <summary>Returns the factor of a weight by decay before its update.</summary>
    private protected float Kept(in KernelUpdate update) =>
        (float)(1 - (WeightDecay * update.DecayFactor * update.LearningRate));

    /// <summary>Returns the weight after its decay.</summary>
    private protected Symbol Kept(WeightUpdate update) =>
        WeightDecay == 0
            ? update.Weight
            : update.Weight * update.Scalar(s => 1 - (WeightDecay * s.DecayFactor * s.LearningRate));

    private protected override void Write(JsonObject config) => config["weight_decay"] = WeightDecay;
}
