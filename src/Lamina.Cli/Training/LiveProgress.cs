using Spectre.Console;

namespace Lamina.Cli;

/// <summary>Progress on a terminal: one line that is redrawn, and above it a line for each epoch that is done.</summary>
internal sealed class LiveProgress : Callback
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly IAnsiConsole _console;
    private readonly LiveDisplayContext _display;
    private long _last;

    private LiveProgress(IAnsiConsole console, LiveDisplayContext display) => (_console, _display) = (console, display);

    /// <summary>Runs a training that reports to a live line.</summary>
    public static T Show<T>(Terminal terminal, Func<Callback, T> train)
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
        _display.UpdateTarget(new Text(ProgressLine.Of(log)) { Overflow = Overflow.Ellipsis });
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => _console.WriteLine(ProgressLine.Of(log));
}
