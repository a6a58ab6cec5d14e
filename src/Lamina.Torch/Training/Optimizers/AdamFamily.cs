using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>An optimizer with the decays of two means and a constant, like Adam's.</summary>
public abstract class AdamFamily : DecayingOptimizer
{
    private protected AdamFamily(
        string name,
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay
    )
        : base(name, learningRate, weightDecay)
    {
        Beta1 = Share(beta1, nameof(beta1), 1);
        Beta2 = Share(beta2, nameof(beta2), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
    }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta1 { get; }

    /// <summary>The decay of the mean squared gradient, or of the greatest one.</summary>
    public double Beta2 { get; }

    /// <summary>The constant added to the divisor.</summary>
    public double Epsilon { get; }

    private protected static TOptimizer Read<TOptimizer>(
        ConfigReader reader,
        Func<double, double, double, double, double, OptimizerOptions, TOptimizer> create
    )
    {
        double rate = RateOf(reader, 0.001);
        double beta1 = reader.Number("beta_1", 0.9, 0, 1);
        double beta2 = reader.Number("beta_2", 0.999, 0, 1);
        double epsilon = reader.Number("epsilon", 1e-7);
        double decay = reader.Number("weight_decay", 0);
        var options = OptimizerOptions.Read(reader);
        reader.Done();
        return create(rate, beta1, beta2, epsilon, decay, options);
    }

    private protected override void Write(JsonObject config)
    {
        config["beta_1"] = Beta1;
        config["beta_2"] = Beta2;
        config["epsilon"] = Epsilon;
        base.Write(config);
    }
}
