using System.Globalization;
using Lamina.Runs.Text;

namespace Lamina.Cli;

/// <summary>Progress of packing: a redrawn line on a terminal, otherwise a line every ten seconds.</summary>
internal sealed class PackLine(Terminal terminal, TimeProvider clock) : PackObserver
{
    private static readonly TimeSpan s_line = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly SkipReports _skips = new(terminal);
    private long _start = clock.GetTimestamp();
    private long _last = clock.GetTimestamp();
    private bool _isPacking;

    /// <inheritdoc/>
    public override void OnVerified(int done, int total) =>
        Show(string.Create(CultureInfo.InvariantCulture, $"verified {done}/{total} shards"), false);

    /// <inheritdoc/>
    public override void OnPacked(int done, int total, int kept)
    {
        TimeSpan elapsed;
        lock (_gate)
        {
            // Listing the source and comparing checksums do not count.
            _start = _isPacking ? _start : clock.GetTimestamp();
            _isPacking = true;
            elapsed = clock.GetElapsedTime(_start);
        }
        double rate = (done - kept) / Math.Max(elapsed.TotalSeconds, 1e-3);
        var left = TimeSpan.FromSeconds((total - done) / Math.Max(rate, 1e-3));
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"packed {done}/{total}  {rate:F0} images/s  {Words.Clock(left)} left"
        );
        Show(line, done == total);
    }

    /// <inheritdoc/>
    public override void OnSkipped(SkippedImage image) => _skips.Add(image);

    /// <inheritdoc/>
    public override void OnMessage(string message) => terminal.Say(OneLine.Of(message));

    /// <summary>Ends the line, and prints the number of further skipped images, if any.</summary>
    public void Conclude()
    {
        terminal.ShowLive("");
        _skips.Conclude();
    }

    private void Show(string line, bool isLast)
    {
        bool isLive = terminal is { IsInteractive: true, Verbosity: not Verbosity.Quiet };
        lock (_gate)
        {
            if (!isLast && clock.GetElapsedTime(_last) < (isLive ? s_redraw : s_line))
            {
                return;
            }
            _last = clock.GetTimestamp();
        }
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
