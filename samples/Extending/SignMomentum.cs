using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>
/// The rule of Lion (Chen et al. 2023, algorithm 2), as an example: w ← w − ε·(sign(β₁m + (1 − β₁)g) + λw), then m ← β₂m + (1 − β₂)g.
/// </summary>
internal sealed class SignMomentum(
    double learningRate = 1e-4,
    float beta1 = 0.9f,
    float beta2 = 0.99f,
    float weightDecay = 0
) : Optimizer("sign_momentum", learningRate)
{
    protected override IReadOnlyList<string> SlotNames => ["momentum"];

    protected override void Update(in WeightUpdate update)
    {
        Span<float> w = update.Values;
        Span<float> g = update.Gradient;
        Span<float> m = update.Slot(0);
        var rate = (float)update.LearningRate;
        float kept = 1 - (rate * weightDecay * (float)update.DecayFactor);
        for (int i = 0; i < w.Length; i++)
        {
            float direction = (beta1 * m[i]) + ((1 - beta1) * g[i]);
            w[i] =
                (kept * w[i])
                - (
                    rate
                    * (
                        direction > 0 ? 1
                        : direction < 0 ? -1
                        : direction
                    )
                );
            m[i] = (beta2 * m[i]) + ((1 - beta2) * g[i]);
        }
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
