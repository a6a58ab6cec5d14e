namespace Lamina.Cli;

/// <summary>Progress on a terminal: one line that is redrawn, and above it a line for each epoch that is done.</summary>
internal sealed class LiveProgress : Progress
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private long _last;

    private LiveProgress(Terminal terminal, TimeProvider clock) => (_terminal, _clock) = (terminal, clock);

    /// <summary>Runs a training that reports to a live line.</summary>
    public static T Show<T>(Terminal terminal, TimeProvider clock, Func<Progress, T> train)
    {
        if (OperatingSystem.IsWindows())
        {
            // Asking for the console turns on its control codes.
            terminal.Rich();
        }
        terminal.ShowLive("starting…");
        try
        {
            return train(new LiveProgress(terminal, clock));
        }
        finally
        {
            terminal.ShowLive("");
        }
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
    public override void OnEpochEnd(EpochLog log) => Say(ProgressLine.Fitted(log, _terminal.Width));

    /// <inheritdoc/>
    public override void Say(string line) => _terminal.Say(line);
}
