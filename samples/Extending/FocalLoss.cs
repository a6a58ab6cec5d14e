using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>
/// Focal loss (Lin et al. 2017): −(1 − p)^γ · log p, where p is the probability of the right class, so that easy samples
/// count less. For models that end in a softmax; targets are class indices.
/// </summary>
internal sealed class FocalLoss(double gamma = 2) : Loss("focal")
{
    public override Symbol Call(Symbol target, Symbol output)
    {
        int classes = output.Shape[^1]!.Value;
        // (batch, 1) → (batch, 1, classes) → (batch, classes)
        Symbol truth = Ops.Sum(Ops.OneHot(target, classes), [1]);
        // The engine computes the log of a softmax from the logits, so that it is exact where p rounds to 0.
        Symbol logP = Ops.Sum(truth * Ops.Log(output), [-1]);
        return -(Ops.Power(1 - Ops.Exp(logP), gamma) * logP);
    }

    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["gamma"] = gamma;
        return config;
    }
}
