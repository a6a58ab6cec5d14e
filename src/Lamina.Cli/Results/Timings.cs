using System.Diagnostics;

namespace Lamina.Cli;

/// <summary>The time of each phase of a command.</summary>
internal sealed class Timings
{
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>The time to read the model.</summary>
    public TimeSpan Model { get; set; }

    /// <summary>The additional time to wait for libtorch.</summary>
    public TimeSpan Waiting { get; set; }

    /// <summary>The time for all images.</summary>
    public TimeSpan Images { get; set; }

    /// <summary>Returns the time since the last call.</summary>
    public TimeSpan Lap()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan lap = Stopwatch.GetElapsedTime(_since, now);
        _since = now;
        return lap;
    }

    /// <summary>Returns the times as one line.</summary>
    /// <param name="library">The time to load libtorch, in parallel with reading the model.</param>
    /// <param name="images">The number of images.</param>
    public string Text(TimeSpan library, int images)
    {
        TimeSpan total = DateTime.Now - Process.GetCurrentProcess().StartTime;
        TimeSpan start = total - Model - Waiting - Images;
        return FormattableString.Invariant(
                $"total {total.TotalSeconds:F2} s: start {start.TotalSeconds:F2}, model {Model.TotalSeconds:F2}, "
            )
            + FormattableString.Invariant(
                $"then libtorch {Waiting.TotalSeconds:F2} (loaded in {library.TotalSeconds:F2} in parallel), "
            )
            + FormattableString.Invariant($"{images} image{(images == 1 ? "" : "s")} {Images.TotalSeconds:F2}");
    }
}
