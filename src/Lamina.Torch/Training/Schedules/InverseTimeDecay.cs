namespace Lamina;

/// <summary>A schedule of initial / (1 + decayRate · update / decaySteps), like Keras's.</summary>
public sealed record InverseTimeDecay : DecaySchedule
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
        : base(Key, initialLearningRate, decaySteps, decayRate, staircase) { }

    /// <inheritdoc/>
    public override double At(long update) => InitialLearningRate / (1 + (DecayRate * PeriodsBefore(update)));

    internal static InverseTimeDecay Read(ConfigReader reader) =>
        Read(reader, (initial, steps, rate, staircase) => new InverseTimeDecay(initial, steps, rate, staircase));
}
