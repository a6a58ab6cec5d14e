namespace Lamina.Cli;

/// <summary>Progress of reading images: a redrawn line on a terminal, otherwise a line every ten seconds.</summary>
internal sealed class ReadingLine(Terminal terminal, TimeProvider clock) : IProgress<(int Done, int Total)>
{
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();

    /// <inheritdoc/>
    public void Report((int Done, int Total) value)
    {
        bool isLive = terminal is { IsInteractive: true, Verbosity: not Verbosity.Quiet };
        bool isLast = value.Done >= value.Total;
        lock (_gate)
        {
            if (!isLast && clock.GetElapsedTime(_last) < (isLive ? s_redraw : s_line))
            {
                return;
            }
            _last = clock.GetTimestamp();
        }
        double rate = value.Done / Math.Max(clock.GetElapsedTime(_start).TotalSeconds, 1e-3);
        string line = FormattableString.Invariant($"read {value.Done}/{value.Total}  {rate:F0} images/s");
        if (isLive)
        {
            terminal.ShowLive(isLast ? "" : line);
        }
        else if (!isLast)
        {
            terminal.Say(line);
        }
    }
}
