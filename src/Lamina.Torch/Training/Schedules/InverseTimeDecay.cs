using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A schedule of initial / (1 + decayRate · update / decaySteps), like Keras's.</summary>
public sealed record InverseTimeDecay : LearningRateSchedule
{
    internal const string Key = "inverse_time_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">The number of updates after which the divisor has grown by the decay rate.</param>
    /// <param name="decayRate">The growth of the divisor, at least 0.</param>
    /// <param name="staircase">
    /// <see langword="true"/> to change the rate only every <paramref name="decaySteps"/> updates.
    /// </param>
    public InverseTimeDecay(double initialLearningRate, long decaySteps, double decayRate, bool staircase = false)
        : base(Key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        DecaySteps = Count(decaySteps, nameof(decaySteps));
        DecayRate = Rate(decayRate, nameof(decayRate));
        Staircase = staircase;
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates after which the divisor has grown by the decay rate.</summary>
    public long DecaySteps { get; }

    /// <summary>The growth of the divisor.</summary>
    public double DecayRate { get; }

    /// <summary><see langword="true"/> if the rate changes only every <see cref="DecaySteps"/> updates.</summary>
    public bool Staircase { get; }

    /// <inheritdoc/>
    public override double At(long update) =>
        InitialLearningRate / (1 + (DecayRate * (Staircase ? update / DecaySteps : (double)update / DecaySteps)));

    internal static InverseTimeDecay Read(ConfigReader reader)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("decay_steps", null, 1);
        double rate = reader.Number("decay_rate", null);
        bool staircase = reader.Flag("staircase", false);
        reader.Done();
        return new InverseTimeDecay(initial, steps, rate, staircase);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["decay_steps"] = DecaySteps;
        config["decay_rate"] = DecayRate;
        config["staircase"] = Staircase;
    }
}
