namespace Lamina.Torch.Kernels;

/// <summary>The coefficients of m ← μm + a·g + b·w; w ← c·w + d·m + e·g + f·w.</summary>
internal readonly record struct SgdCoefficients(
    double Momentum,
    double GradientToMomentum,
    double WeightToMomentum,
    double WeightScale,
    double MomentumToWeight,
    double GradientToWeight,
    double DecayToWeight
);

/// <summary>
/// The coefficients of m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← scale·w − rate·m / (√v + epsilon).
/// </summary>
internal readonly record struct AdamCoefficients(
    double Beta1,
    double Beta2,
    double Epsilon,
    double Rate,
    double WeightScale
)
{
    /// <summary>Returns the coefficients of an update: the rate corrects for both means starting at 0.</summary>
    /// <param name="beta1">The decay of the mean gradient.</param>
    /// <param name="beta2">The decay of the mean squared gradient.</param>
    /// <param name="epsilon">The number added to the root.</param>
    /// <param name="update">The update's number, from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="scale">The factor of the weight.</param>
    public static AdamCoefficients Of(
        double beta1,
        double beta2,
        double epsilon,
        long update,
        double rate,
        double scale
    ) =>
        new(
            beta1,
            beta2,
            epsilon,
            rate * Math.Sqrt(1 - Math.Pow(beta2, update)) / (1 - Math.Pow(beta1, update)),
            scale
        );
}

/// <summary>
/// The coefficients of the factor Scale · size / (|step| + Decay · size), where size is Kept · |weight|; it is 1 if the
/// size or the divisor is 0.
/// </summary>
/// <param name="Scale">The factor on the ratio.</param>
/// <param name="Kept">The factor on the weight's norm.</param>
/// <param name="Decay">The share of the weight's norm in the divisor.</param>
internal readonly record struct TrustCoefficients(double Scale, double Kept, double Decay);
