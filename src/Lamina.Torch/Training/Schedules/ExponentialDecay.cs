namespace Lamina;

/// <summary>A schedule of initial · decayRate^(update / decaySteps), like Keras's.</summary>
public sealed record ExponentialDecay : DecaySchedule
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
        : base(Key, initialLearningRate, decaySteps, decayRate, staircase) { }

    /// <inheritdoc/>
    public override double At(long update) => InitialLearningRate * Math.Pow(DecayRate, PeriodsBefore(update));

    internal static ExponentialDecay Read(ConfigReader reader) =>
        Read(reader, (initial, steps, rate, staircase) => new ExponentialDecay(initial, steps, rate, staircase));
}
