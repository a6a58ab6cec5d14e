using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A linear increase to another schedule's first rate, then that schedule from its beginning (Goyal et al. 2017,
/// section 2.2). The first update already uses 1 / steps of the rate, so that no update is lost.
/// </summary>
public sealed record WarmUp : LearningRateSchedule
{
    internal const string Key = "warm_up";

    /// <summary>Creates the schedule.</summary>
    /// <param name="schedule">The schedule that follows.</param>
    /// <param name="steps">The number of updates of the increase, at least 0.</param>
    public WarmUp(LearningRateSchedule schedule, long steps)
        : base(Key)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        Schedule = schedule;
        Steps = Count(steps, nameof(steps), 0);
    }

    /// <summary>The schedule that follows.</summary>
    public LearningRateSchedule Schedule { get; }

    /// <summary>The number of updates of the increase.</summary>
    public long Steps { get; }

    /// <inheritdoc/>
    public override double At(long update) =>
        update < Steps ? Schedule.At(0) * ((update + 1.0) / Steps) : Schedule.At(update - Steps);

    internal static WarmUp Read(ConfigReader reader)
    {
        LearningRateSchedule schedule = FromConfig(reader.Part("schedule"));
        long steps = reader.Whole("steps", null);
        reader.Done();
        return new WarmUp(schedule, steps);
    }

    private protected override void Write(JsonObject config)
    {
        config["schedule"] = Schedule.GetConfig();
        config["steps"] = Steps;
    }
}
