using Lamina.Runs;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Progress of frozen layers' features: a line that is redrawn on a terminal, otherwise one every ten seconds.</summary>
internal sealed class FeatureLine(Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);
    private long _last = clock.GetTimestamp();

    /// <summary>Reports.</summary>
    public void Report(FeatureProgress progress)
    {
        bool isLive = terminal is { IsInteractive: true, Verbosity: not Verbosity.Quiet };
        if (progress.Done >= progress.Total && isLive)
        {
            terminal.ShowLive("");
            return;
        }
        if (clock.GetElapsedTime(_last) < (isLive ? s_redraw : s_line))
        {
            return;
        }
        _last = clock.GetTimestamp();
        string line = FormattableString.Invariant(
            $"features {progress.Done}/{progress.Total}  {progress.ImagesPerSecond:F0} images/s  {Words.Clock(progress.Remaining)} left"
        );
        if (isLive)
        {
            terminal.ShowLive(line);
        }
        else
        {
            terminal.Say(line);
        }
    }
}
