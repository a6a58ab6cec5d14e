using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A schedule of cosine decays that begin again (Loshchilov &amp; Hutter 2017, "SGDR"), each longer and from a lower
/// rate if asked for. Like Keras's.
/// </summary>
public sealed record CosineDecayRestarts : LearningRateSchedule
{
    internal const string Key = "cosine_decay_restarts";

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The rate of the first update, at least 0.</param>
    /// <param name="firstDecaySteps">The number of updates of the first decay, at least 1.</param>
    /// <param name="tMul">The factor of each decay's length, at least 1. Default: 2.</param>
    /// <param name="mMul">The factor of each decay's first rate, at least 0. Default: 1.</param>
    /// <param name="alpha">The share of the first rate at the end of a decay, in [0, 1]. Default: 0.</param>
    public CosineDecayRestarts(
        double initialLearningRate,
        long firstDecaySteps,
        double tMul = 2,
        double mMul = 1,
        double alpha = 0
    )
        : base(Key)
    {
        InitialLearningRate = Rate(initialLearningRate, nameof(initialLearningRate));
        FirstDecaySteps = Count(firstDecaySteps, nameof(firstDecaySteps));
        TMul =
            double.IsFinite(tMul) && tMul >= 1
                ? tMul
                : throw new ArgumentOutOfRangeException(nameof(tMul), $"tMul is {tMul}; it must be at least 1.");
        MMul = Rate(mMul, nameof(mMul));
        Alpha = alpha is >= 0 and <= 1
            ? alpha
            : throw new ArgumentOutOfRangeException(nameof(alpha), $"alpha is {alpha}; it must be from 0 to 1.");
    }

    /// <summary>The rate of the first update.</summary>
    public double InitialLearningRate { get; }

    /// <summary>The number of updates of the first decay.</summary>
    public long FirstDecaySteps { get; }

    /// <summary>The factor of each decay's length.</summary>
    public double TMul { get; }

    /// <summary>The factor of each decay's first rate.</summary>
    public double MMul { get; }

    /// <summary>The share of the first rate at the end of a decay.</summary>
    public double Alpha { get; }

    /// <inheritdoc/>
    public override double At(long update)
    {
        double done = (double)update / FirstDecaySteps;
        double restarts = TMul == 1 ? Math.Floor(done) : Math.Floor(Math.Log(1 - (done * (1 - TMul))) / Math.Log(TMul));
        double start = TMul == 1 ? restarts : (1 - Math.Pow(TMul, restarts)) / (1 - TMul);
        double share = (done - start) / Math.Pow(TMul, restarts);
        double cosine = 0.5 * Math.Pow(MMul, restarts) * (1 + Math.Cos(Math.PI * share));
        return InitialLearningRate * (((1 - Alpha) * cosine) + Alpha);
    }

    internal static CosineDecayRestarts Read(ConfigReader reader)
    {
        double initial = reader.Number("initial_learning_rate", null);
        long steps = reader.Whole("first_decay_steps", null, 1);
        double tMul = reader.Number("t_mul", 2, 1);
        double mMul = reader.Number("m_mul", 1);
        double alpha = reader.Number("alpha", 0, 0, 1);
        reader.Done();
        return new CosineDecayRestarts(initial, steps, tMul, mMul, alpha);
    }

    private protected override void Write(JsonObject config)
    {
        config["initial_learning_rate"] = InitialLearningRate;
        config["first_decay_steps"] = FirstDecaySteps;
        config["t_mul"] = TMul;
        config["m_mul"] = MMul;
        config["alpha"] = Alpha;
    }
}
