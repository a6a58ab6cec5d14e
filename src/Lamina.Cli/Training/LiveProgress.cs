using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Progress on a terminal: one line that is redrawn, and above it a line for each epoch that is done.</summary>
internal sealed class LiveProgress : Progress
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly IAnsiConsole _console;
    private readonly LiveDisplayContext _display;
    private long _last;

    private LiveProgress(IAnsiConsole console, LiveDisplayContext display) => (_console, _display) = (console, display);

    /// <summary>Runs a training that reports to a live line.</summary>
    public static T Show<T>(Terminal terminal, Func<Progress, T> train)
    {
        IAnsiConsole console = terminal.Rich();
        return console
            .Live(new Text("starting…"))
            .AutoClear(true)
            .Start(display => train(new LiveProgress(console, display)));
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < s_interval)
        {
            return;
        }
        _last = TimeProvider.System.GetTimestamp();
        _display.UpdateTarget(new Text(ProgressLine.Fitted(log, Width)));
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => Say(ProgressLine.Fitted(log, Width));

    /// <inheritdoc/>
    public override void Say(string line) => _console.WriteLine(line);

    // A character less than there are: some terminals wrap at the last.
    private int Width => _console.Profile.Width - 1;
}
