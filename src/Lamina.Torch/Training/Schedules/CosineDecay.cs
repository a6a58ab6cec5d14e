using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// Half a cosine from a rate down to a share of it (Loshchilov &amp; Hutter 2017), after a straight rise if
/// <see cref="WarmupTarget"/> is given. As Keras 3's.
/// </summary>
public sealed record CosineDecay : LearningRateSchedule
{
    internal const string Key = "cosine_decay";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="decaySteps">The updates of the fall, which begins after the rise; at least 1.</param>
    /// <param name="alpha">The share of the highest rate that is left at the end, 0 to 1.</param>
    /// <param name="warmupTarget">The rate to rise to; <see langword="null"/> for no rise.</param>
    /// <param name="warmupSteps">The updates of the rise, at least 0.</param>
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

    /// <summary>The updates of the fall.</summary>
    public long DecaySteps { get; }

    /// <summary>The share of the highest rate that is left at the end.</summary>
    public double Alpha { get; }

    /// <summary>The rate to rise to.</summary>
    public double? WarmupTarget { get; }

    /// <summary>The updates of the rise; without a target there is none.</summary>
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
