using Lamina.Tuning;

namespace Lamina.Cli;

/// <summary>Prints the progress and the results of a search. Listens to Ctrl-C from the beginning.</summary>
internal sealed class TuneReport : CommandObserver, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private readonly Terminal _terminal;
    private readonly Interrupts _interrupts;
    private readonly HashSet<string> _warnings = [];
    private readonly TrialReport _trials;
    private long _last;

    public TuneReport(Terminal terminal)
        : base(terminal)
    {
        _terminal = terminal;
        _trials = new TrialReport(terminal);
        _interrupts = new Interrupts(
            () =>
                terminal.WriteError(
                    "interrupted: stopping after this step and saving. Interrupt again to stop immediately."
                ),
            terminal
        );
    }

    /// <summary>The request to stop after the current step.</summary>
    public CancellationToken Interrupt => _interrupts.Token;

    /// <summary>The observer of trials.</summary>
    public TuningObserver Trials => _trials;

    /// <summary>Prints what is searched, and starts to listen to signals.</summary>
    public void Begin(RunTuner tuner)
    {
        _interrupts.Listen();
        _terminal.Say(TuneText.Plan(tuner));
        _terminal.Say(TuneText.Space(tuner));
        _terminal.Say($"folder {tuner.Options.Folder}");
    }

    /// <inheritdoc/>
    // Every trial reads the same data.
    public override void OnWarning(string message)
    {
        if (_warnings.Add(message))
        {
            base.OnWarning(message);
        }
    }

    /// <inheritdoc/>
    public override void OnMessage(string message) => _terminal.Detail(message);

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log)
    {
        if (
            _terminal is not { IsInteractive: true, Verbosity: not Verbosity.Quiet }
            || (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < s_interval)
        )
        {
            return;
        }
        _last = TimeProvider.System.GetTimestamp();
        _terminal.ShowLive(TuneText.Live(_trials.Current, log));
    }

    /// <summary>Prints the table and what to do next.</summary>
    /// <returns>The exit code.</returns>
    public int Conclude(RunTuningResult result, RunTuner tuner)
    {
        _terminal.ShowLive("");
        Conclude();
        TuneText.WriteResult(_terminal.Output, result);
        if (result.Trials.IsInterrupted)
        {
            TuneText.WriteInterrupted(_terminal.Output, result.Trials, tuner.Options.Command);
            return ExitCode.Interrupted;
        }
        if (result.Trials.Best is null)
        {
            _terminal.WriteError(
                $"all {result.Trials.Trials.Count} trials failed. Search smaller learning rates, or look at the failures above."
            );
            return ExitCode.Failed;
        }
        return ExitCode.Done;
    }

    /// <summary>Stops listening, and restores the screen.</summary>
    public void Dispose()
    {
        _terminal.ShowLive("");
        _interrupts.Dispose();
    }

    /// <summary>Prints a line for each trial.</summary>
    private sealed class TrialReport(Terminal terminal) : TuningObserver
    {
        /// <summary>The trial that is trained now.</summary>
        public string Current { get; private set; } = "";

        public override void OnTrialBegin(Trial trial, int epochs, TuningProgress progress) =>
            Current = FormattableString.Invariant($"trial {trial.Number}/{progress.Trials}");

        public override void OnTrialEnd(Trial trial, Trial? best, TuningProgress progress)
        {
            terminal.ShowLive("");
            terminal.Say(TuneText.Line(trial, best, progress));
        }

        public override void OnMessage(string message) => terminal.Say(message);
    }
}
