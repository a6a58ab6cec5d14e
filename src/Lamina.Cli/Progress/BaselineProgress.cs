namespace Lamina.Cli;

/// <summary>Progress of baselines: a redrawn line on a terminal, otherwise at most one line per second.</summary>
internal sealed class BaselineProgress(Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private long _last = clock.GetTimestamp();

    /// <summary>Reports progress; called from several threads.</summary>
    /// <param name="share">The finished fraction, 0 to 1.</param>
    public void Report(double share)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_last) < (terminal.IsInteractive ? s_redraw : s_line))
            {
                return;
            }
            _last = clock.GetTimestamp();
        }
        string line = FormattableString.Invariant($"comparing with nearest neighbors: {100 * share:0} %");
        if (terminal is { IsInteractive: true, Verbosity: not Verbosity.Quiet })
        {
            terminal.ShowLive(line);
        }
        else
        {
            terminal.Say(line);
        }
    }
}
