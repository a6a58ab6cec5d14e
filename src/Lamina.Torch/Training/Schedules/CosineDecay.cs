using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A schedule that decays along half a cosine (Loshchilov &amp; Hutter 2017), after a linear warm-up if
/// <see cref="WarmupTarget"/> is given. Like Keras 3's.
/// </summary>
public sealed record CosineDecay : LearningRateSchedule
{
    internal const string Key = "cosine_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">The number of updates of the decay, which begins after the warm-up; at least 1.</param>
    /// <param name="alpha">The share of the highest rate that remains at the end, in [0, 1].</param>
    /// <param name="warmupTarget">The rate at the end of the warm-up; <see langword="null"/> for no warm-up.</param>
    /// <param name="warmupSteps">The number of updates of the warm-up, at least 0.</param>
    public CosineDecay(
        double initialLearningRate,
        long decaySteps,
        double alpha = 0,
        double? warmupTarget = null,
        long warmupSteps = 0
    )
        : base(Key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        DecaySteps = Count(decaySteps, nameof(decaySteps));
        Alpha = alpha is >= 0 and <= 1
            ? alpha
            : throw new ArgumentOutOfRangeException(nameof(alpha), $"alpha is {alpha}; it must be from 0 to 1.");
        WarmupTarget = warmupTarget is { } target ? Rate(target, nameof(warmupTarget)) : null;
        WarmupSteps = Count(warmupSteps, nameof(warmupSteps), 0);
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates of the decay.</summary>
    public long DecaySteps { get; }

    /// <summary>The share of the highest rate that remains at the end.</summary>
    public double Alpha { get; }

    /// <summary>The rate at the end of the warm-up; <see langword="null"/> for no warm-up.</summary>
    public double? WarmupTarget { get; }

    /// <summary>The number of updates of the warm-up; ignored without a target.</summary>
    public long WarmupSteps { get; }

    /// <inheritdoc/>
    public override double At(long update)
    {
        double top = InitialLearningRate;
        if (WarmupTarget is { } target)
        {
            if (update < WarmupSteps)
            {
                return top + ((target - top) * update / WarmupSteps);
            }
            (top, update) = (target, update - WarmupSteps);
        }
        double cosine = 0.5 * (1 + Math.Cos(Math.PI * ((double)Math.Min(update, DecaySteps) / DecaySteps)));
        return top * (((1 - Alpha) * cosine) + Alpha);
    }

    internal static CosineDecay Read(ConfigReader reader)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("decay_steps", null, 1);
        double alpha = reader.Number("alpha", 0, 0, 1);
        double? target = reader.OptionalNumber("warmup_target");
        long warmup = reader.Whole("warmup_steps", 0);
        reader.Done();
        return new CosineDecay(initial, steps, alpha, target, warmup);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["decay_steps"] = DecaySteps;
        config["alpha"] = Alpha;
        config["warmup_target"] = WarmupTarget;
        config["warmup_steps"] = WarmupSteps;
    }
}
