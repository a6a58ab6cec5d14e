using System.Text.Json.Nodes;

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

    internal override bool RunsOnDevice => true;

    // About as many as an element rule has operations.
    internal override int Temporaries => 10;

    /// <summary>Returns the factor of a weight by decay before its update.</summary>
    private protected float Kept(in WeightUpdate update) =>
        (float)(1 - (WeightDecay * update.DecayFactor * update.LearningRate));

    private protected override void Write(JsonObject config) => config["weight_decay"] = WeightDecay;
}
