using System.Text.Json.Nodes;
using Lamina.Torch;
using Lamina.Torch.Kernels;

namespace Lamina;

/// <summary>
/// The Adam optimizer (Kingma &amp; Ba 2015) as Keras computes it: εₜ = ε·√(1 − β₂ᵗ) / (1 − β₁ᵗ); w ← w − εₜ·m / (√v +
/// epsilon).
/// </summary>
public sealed class Adam : Optimizer
{
    internal const string Key = "adam";
    private static readonly string[] s_slots = ["m", "v"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="beta1">The decay of the mean gradient, in [0, 1].</param>
    /// <param name="beta2">The decay of the mean squared gradient, in [0, 1].</param>
    /// <param name="epsilon">The constant added to the root, at least 0.</param>
    public Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7)
        : base(Key, learningRate)
    {
        Beta1 = Share(beta1, nameof(beta1), 1);
        Beta2 = Share(beta2, nameof(beta2), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
    }

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

    /// <inheritdoc/>
    protected override UpdatedWeight Update(WeightUpdate update)
    {
        Symbol mean = (Beta1 * update.Slots[0]) + ((1 - Beta1) * update.Gradient);
        Symbol square = (Beta2 * update.Slots[1]) + ((1 - Beta2) * Ops.Square(update.Gradient));
        Symbol rate = update.Scalar(s =>
            s.LearningRate * Math.Sqrt(1 - Math.Pow(Beta2, s.Number)) / (1 - Math.Pow(Beta1, s.Number))
        );
        return new(update.Weight - (rate * mean / (Ops.Sqrt(square) + Epsilon)), mean, square);
    }

    internal override void Run(in KernelUpdate update)
    {
        (Tensor weight, Tensor gradient, WeightStep step) = (update.Weight, update.Gradient, update.Step);
        ReadOnlySpan<Tensor> slots = update.Slots;
        step.Kernels.Adam(
            weight,
            gradient,
            slots[0],
            slots[1],
            AdamCoefficients.Of(Beta1, Beta2, Epsilon, step.Update, step.LearningRate, scale: 1),
            step.Context
        );
    }

    internal static Adam Read(ConfigReader reader)
    {
        double rate = RateOf(reader, 0.001);
        double beta1 = reader.Number("beta_1", 0.9, 0, 1);
        double beta2 = reader.Number("beta_2", 0.999, 0, 1);
        double epsilon = reader.Number("epsilon", 1e-7);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return new Adam(rate, beta1, beta2, epsilon) { Options = options };
    }

    private protected override void Write(JsonObject config)
    {
        config["beta_1"] = Beta1;
        config["beta_2"] = Beta2;
        config["epsilon"] = Epsilon;
    }
}
