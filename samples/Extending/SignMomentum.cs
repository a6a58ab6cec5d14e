using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>
/// The rule of Lion (Chen et al. 2023, algorithm 2), as an example: w ← w − ε·(sign(β₁m + (1 − β₁)g) + λw), then m ← β₂m + (1 − β₂)g.
/// </summary>
internal sealed class SignMomentum(
    double learningRate = 1e-4,
    double beta1 = 0.9,
    double beta2 = 0.99,
    double weightDecay = 0
) : Optimizer("sign_momentum", learningRate)
{
    protected override IReadOnlyList<string> SlotNames => ["momentum"];

    protected override UpdatedWeight Update(WeightUpdate update)
    {
        (Symbol w, Symbol g, Symbol m) = (update.Weight, update.Gradient, update.Slots[0]);
        Symbol decay = update.Scalar(step => weightDecay * step.DecayFactor);
        Symbol direction = Ops.Sign((beta1 * m) + ((1 - beta1) * g)) + (decay * w);
        return new(w - (update.LearningRate * direction), (beta2 * m) + ((1 - beta2) * g));
    }

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["beta_1"] = beta1;
        config["beta_2"] = beta2;
        config["weight_decay"] = weightDecay;
        return config;
    }
}
