using Lamina.Torch.Kernels;

namespace Lamina.Torch;

/// <summary>The rule that Adam and AdamW share: w ← kept − εₜ·m / (√v + epsilon), with both means' start corrected in εₜ.</summary>
/// <param name="Beta1">The decay of the mean gradient.</param>
/// <param name="Beta2">The decay of the mean squared gradient.</param>
/// <param name="Epsilon">The constant added to the root.</param>
internal readonly record struct AdamRule(double Beta1, double Beta2, double Epsilon)
{
    /// <summary>Returns the new values in ops.</summary>
    /// <param name="update">The weight.</param>
    /// <param name="kept">The weight after its decay.</param>
    public UpdatedWeight InOps(WeightUpdate update, Symbol kept)
    {
        (double beta1, double beta2) = (Beta1, Beta2);
        Symbol mean = (beta1 * update.Slots[0]) + ((1 - beta1) * update.Gradient);
        Symbol square = (beta2 * update.Slots[1]) + ((1 - beta2) * Ops.Square(update.Gradient));
        Symbol rate = update.Scalar(s =>
            s.LearningRate * Math.Sqrt(1 - Math.Pow(beta2, s.Number)) / (1 - Math.Pow(beta1, s.Number))
        );
        return new(kept - (rate * mean / (Ops.Sqrt(square) + Epsilon)), mean, square);
    }

    /// <summary>Updates by the kernel of a backend.</summary>
    /// <param name="update">The weight.</param>
    /// <param name="scale">The share of the weight that decay leaves.</param>
    public void Run(in KernelUpdate update, double scale) =>
        update.Kernels.Adam(
            update.Weight,
            update.Gradient,
            update.Slots[0],
            update.Slots[1],
            AdamCoefficients.Of(Beta1, Beta2, Epsilon, update.Number, update.LearningRate, scale),
            update.Step.Context
        );
}
