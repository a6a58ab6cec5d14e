namespace Lamina.Cli;

/// <summary>
/// Progress on a terminal: one redrawn line, with a line for each finished epoch above it. The line is removed at the
/// end.
/// </summary>
internal sealed class LiveProgress : Callback, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private long _last;

    /// <summary>Creates the progress and shows its line.</summary>
    public LiveProgress(Terminal terminal, TimeProvider clock)
    {
        (_terminal, _clock) = (terminal, clock);
        if (OperatingSystem.IsWindows())
        {
            // Creating the console enables control codes.
            terminal.Rich();
        }
        terminal.ShowLive("starting…");
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        if (_last != 0 && _clock.GetElapsedTime(_last) < s_interval)
        {
            return;
        }
        _last = _clock.GetTimestamp();
        _terminal.ShowLive(ProgressLine.Fitted(log, _terminal.Width));
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => _terminal.Say(ProgressLine.Fitted(log, _terminal.Width));

    /// <summary>Removes the line.</summary>
    public void Dispose() => _terminal.ShowLive("");
}
