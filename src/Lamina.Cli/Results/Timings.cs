using System.Diagnostics;

namespace Lamina.Cli;

/// <summary>Where the time of a command went.</summary>
internal sealed class Timings
{
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>The time that reading the model took.</summary>
    public TimeSpan Model { get; set; }

    /// <summary>The time that was then left to wait for libtorch.</summary>
    public TimeSpan Waiting { get; set; }

    /// <summary>The time that all images took.</summary>
    public TimeSpan Images { get; set; }

    /// <summary>The time since the last call.</summary>
    public TimeSpan Lap()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan lap = Stopwatch.GetElapsedTime(_since, now);
        _since = now;
        return lap;
    }

    /// <summary>One line.</summary>
    /// <param name="library">The time that loading libtorch took, beside reading the model.</param>
    /// <param name="images">How many images there were.</param>
    public string Text(TimeSpan library, int images)
    {
        TimeSpan total = DateTime.Now - Process.GetCurrentProcess().StartTime;
        TimeSpan start = total - Model - Waiting - Images;
        return FormattableString.Invariant(
                $"total {total.TotalSeconds:F2} s: start {start.TotalSeconds:F2}, model {Model.TotalSeconds:F2}, "
            )
            + FormattableString.Invariant(
                $"then libtorch {Waiting.TotalSeconds:F2} (loaded in {library.TotalSeconds:F2} beside the model), "
            )
            + FormattableString.Invariant($"{images} image{(images == 1 ? "" : "s")} {Images.TotalSeconds:F2}");
    }
}
