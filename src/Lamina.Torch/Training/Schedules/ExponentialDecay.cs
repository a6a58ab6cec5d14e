using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>initial · decayRate^(update / decaySteps), as Keras's.</summary>
public sealed record ExponentialDecay : LearningRateSchedule
{
    internal const string Key = "exponential_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">After how many updates the rate is multiplied once, at least 1.</param>
    /// <param name="decayRate">The factor, at least 0.</param>
    /// <param name="staircase">Whether the rate stays between the multiplications: Caffe's <c>step</c>.</param>
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

    /// <summary>After how many updates the rate is multiplied once.</summary>
    public long DecaySteps { get; }

    /// <summary>The factor.</summary>
    public double DecayRate { get; }

    /// <summary>Whether the rate stays between the multiplications.</summary>
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
