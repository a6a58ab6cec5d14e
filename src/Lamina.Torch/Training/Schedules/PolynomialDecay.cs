using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A schedule of (initial − end) · (1 − update / decaySteps)^power + end, then end, like Keras's. LARS was published
/// with power 2 and end 0.
/// </summary>
public sealed record PolynomialDecay : LearningRateSchedule
{
    internal const string Key = "polynomial_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">The number of updates of the decay, at least 1.</param>
    /// <param name="endLearningRate">The rate after the decay, at least 0.</param>
    /// <param name="power">The exponent, at least 0; 1 is linear.</param>
    public PolynomialDecay(
        double initialLearningRate,
        long decaySteps,
        double endLearningRate = 0.0001,
        double power = 1
    )
        : base(Key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        DecaySteps = Count(decaySteps, nameof(decaySteps));
        EndLearningRate = Rate(endLearningRate, nameof(endLearningRate));
        Power = Rate(power, nameof(power));
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates of the decay.</summary>
    public long DecaySteps { get; }

    /// <summary>The rate after the decay.</summary>
    public double EndLearningRate { get; }

    /// <summary>The exponent; 1 is linear.</summary>
    public double Power { get; }

    /// <inheritdoc/>
    public override double At(long update)
    {
        double left = 1 - ((double)Math.Min(update, DecaySteps) / DecaySteps);
        return ((InitialLearningRate - EndLearningRate) * Math.Pow(left, Power)) + EndLearningRate;
    }

    internal static PolynomialDecay Read(ConfigReader reader)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("decay_steps", null, 1);
        double end = reader.Number("end_learning_rate", 0.0001);
        double power = reader.Number("power", 1);
        reader.Done();
        return new PolynomialDecay(initial, steps, end, power);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["decay_steps"] = DecaySteps;
        config["end_learning_rate"] = EndLearningRate;
        config["power"] = Power;
    }
}
