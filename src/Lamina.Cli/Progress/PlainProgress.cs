namespace Lamina.Cli;

/// <summary>Progress for logs and pipes: a line every few seconds, and one per epoch.</summary>
internal sealed class PlainProgress(Terminal terminal, TimeProvider clock) : Callback
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private long _last = clock.GetTimestamp();

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        if (clock.GetElapsedTime(_last) >= s_interval)
        {
            Write(ProgressLine.Of(log));
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => Write(ProgressLine.Of(log));

    private void Write(string line)
    {
        terminal.Say(line);
        _last = clock.GetTimestamp();
    }
}
