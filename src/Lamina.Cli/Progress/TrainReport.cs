using Lamina.Runs;

namespace Lamina.Cli;

/// <summary>Prints the progress and results of a training. Listens to Ctrl-C from the first step on.</summary>
internal sealed class TrainReport : CommandObserver, IDisposable
{
    private readonly Terminal _terminal;
    private readonly Interrupts _interrupts;
    private readonly BaselineProgress _baselines;
    private readonly FeatureLine _features;
    private Callback? _progress;

    public TrainReport(Terminal terminal)
        : base(terminal)
    {
        _terminal = terminal;
        _baselines = new BaselineProgress(terminal, TimeProvider.System);
        _features = new FeatureLine(terminal, TimeProvider.System);
        _interrupts = new Interrupts(
            () =>
                terminal.WriteError(
                    "interrupted: stopping after this step and saving. Interrupt again to stop immediately."
                ),
            terminal
        );
    }

    /// <summary>The request to stop training after the current step.</summary>
    public CancellationToken Interrupt => _interrupts.Token;

    /// <summary>Starts to listen to signals, if no <see cref="OnStarted"/> follows.</summary>
    public void Listen() => _interrupts.Listen();

    /// <inheritdoc/>
    public override void OnBaselineProgress(double share) => _baselines.Report(share);

    /// <inheritdoc/>
    public override void OnFeatureProgress(FeatureProgress progress) => _features.Report(progress);

    /// <inheritdoc/>
    public override void OnStarted(RunStart start)
    {
        _terminal.ShowLive("");
        TrainText.WriteStart(_terminal, start);
        _interrupts.Listen();
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(CompiledModel model) =>
        _progress =
            _terminal.Verbosity == Verbosity.Quiet ? null
            : _terminal.IsInteractive ? new LiveProgress(_terminal, TimeProvider.System)
            : new PlainProgress(_terminal, TimeProvider.System);

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(BatchLog log) => _progress?.OnTrainBatchEnd(log);

    /// <inheritdoc/>
    public override void OnEpochEnd(EpochLog log) => _progress?.OnEpochEnd(log);

    /// <inheritdoc/>
    public override void OnTrainEnd() => (_progress as IDisposable)?.Dispose();

    /// <summary>Prints the results of a run.</summary>
    /// <param name="result">The results; null if the run was already finished.</param>
    /// <param name="run">The folder of the resumed run.</param>
    /// <returns>The exit code.</returns>
    public int Conclude(RunResult? result, string run = "")
    {
        if (result is null)
        {
            _terminal.Output.WriteLine($"{run}: the run is already finished.");
            return ExitCode.Done;
        }
        if (result.Folder.Length == 0)
        {
            // Another rank prints and tests.
            return result.History.Cancelled ? ExitCode.Interrupted : ExitCode.Done;
        }
        if (result.IsInterrupted)
        {
            TrainText.WriteInterrupted(_terminal, result);
            return ExitCode.Interrupted;
        }
        Conclude();
        TrainText.WriteResult(_terminal, result);
        return ExitCode.Done;
    }

    /// <summary>Stops listening, and restores the screen.</summary>
    public void Dispose()
    {
        _terminal.ShowLive("");
        _interrupts.Dispose();
    }
}
