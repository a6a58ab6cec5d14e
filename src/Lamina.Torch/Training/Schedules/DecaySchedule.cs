using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A schedule by the number of updates in units of a period: <see cref="ExponentialDecay"/>, <see cref="InverseTimeDecay"/>.</summary>
public abstract record DecaySchedule : LearningRateSchedule
{
    private protected DecaySchedule(
        string key,
        double initialLearningRate,
        long decaySteps,
        double decayRate,
        bool staircase
    )
        : base(key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        DecaySteps = Count(decaySteps, nameof(decaySteps));
        DecayRate = Rate(decayRate, nameof(decayRate));
        Staircase = staircase;
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates in a period.</summary>
    public long DecaySteps { get; }

    /// <summary>The factor or divisor of a period.</summary>
    public double DecayRate { get; }

    /// <summary><see langword="true"/> if the rate is constant within a period.</summary>
    public bool Staircase { get; }

    /// <summary>Returns the number of periods before an update, a whole one for a staircase.</summary>
    private protected double PeriodsBefore(long update) =>
        Staircase ? update / DecaySteps : (double)update / DecaySteps;

    internal static T Read<T>(ConfigReader reader, Func<double, long, double, bool, T> create)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("decay_steps", null, 1);
        double rate = reader.Number("decay_rate", null);
        bool staircase = reader.Flag("staircase", false);
        reader.Done();
        return create(initial, steps, rate, staircase);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["decay_steps"] = DecaySteps;
        config["decay_rate"] = DecayRate;
        config["staircase"] = Staircase;
    }
}
