using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A schedule of initial · decayRate^(update / decaySteps), like Keras's.</summary>
public sealed record ExponentialDecay : LearningRateSchedule
{
    internal const string Key = "exponential_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">
    /// The number of updates after which the rate has been multiplied once, at least 1.
    /// </param>
    /// <param name="decayRate">The factor, at least 0.</param>
    /// <param name="staircase">
    /// <see langword="true"/> to keep the rate constant between multiplications, like Caffe's <c>step</c>.
    /// </param>
    public ExponentialDecay(double initialLearningRate, long decaySteps, double decayRate, bool staircase = false)
        : base(Key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        DecaySteps = Count(decaySteps, nameof(decaySteps));
        DecayRate = Rate(decayRate, nameof(decayRate));
        Staircase = staircase;
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates after which the rate has been multiplied once.</summary>
    public long DecaySteps { get; }

    /// <summary>The factor.</summary>
    public double DecayRate { get; }

    /// <summary><see langword="true"/> if the rate is constant between multiplications.</summary>
    public bool Staircase { get; }

    /// <inheritdoc/>
    public override double At(long update) =>
        InitialLearningRate * Math.Pow(DecayRate, Staircase ? update / DecaySteps : (double)update / DecaySteps);

    internal static ExponentialDecay Read(ConfigReader reader)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("decay_steps", null, 1);
        double rate = reader.Number("decay_rate", null);
        bool staircase = reader.Flag("staircase", false);
        reader.Done();
        return new ExponentialDecay(initial, steps, rate, staircase);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["decay_steps"] = DecaySteps;
        config["decay_rate"] = DecayRate;
        config["staircase"] = Staircase;
    }
}
