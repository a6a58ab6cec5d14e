using System.Diagnostics;
using System.Text.Json.Nodes;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>A training from data to run folder.</summary>
/// <param name="settings">What to do.</param>
/// <param name="terminal">Where to say so.</param>
/// <param name="resumed">The record of the run to go on with; null to begin one.</param>
/// <param name="source">What the settings' weights are, where they are loaded already.</param>
internal sealed class TrainingRun(
    TrainSettings settings,
    Terminal terminal,
    RunRecord? resumed = null,
    SourceModel? source = null
)
{
    /// <summary>Goes on with a run.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="workers">Threads that read images; null for the run's.</param>
    /// <param name="terminal">Where to say so.</param>
    /// <returns>The exit code: interrupted, or done, as is a run that has nothing left to do.</returns>
    public static int Resume(string path, int? workers, Terminal terminal)
    {
        using var record = RunRecord.Open(path);
        if (record.IsFinished)
        {
            terminal.Output.WriteLine($"{path}: the run is finished: there is nothing left to do.");
            return ExitCode.Done;
        }
        TrainSettings settings = record.Settings();
        return new TrainingRun(settings with { Workers = workers ?? settings.Workers }, terminal, record).Execute();
    }

    /// <summary>Trains, tests, and writes the run's folder.</summary>
    /// <returns>The exit code: interrupted, or done.</returns>
    public int Execute()
    {
        long started = Stopwatch.GetTimestamp();
        var data = DataSelection.Open(
            settings.Folder,
            settings.Format,
            settings.Validation,
            settings.ValidationShare,
            settings.Seed
        );
        resumed?.RequireSame(data, terminal.Interrupt);
        _skips.Of(data.Train);
        _skips.Of(data.Test);
        MissingClasses.Warn(terminal, data.Train, "train on");
        MissingClasses.Warn(terminal, data.Test, "test on");
        if (data.HasOwnValidation)
        {
            MissingClasses.Warn(terminal, data.Validation, "validate on");
        }
        if (settings.Threads is { } threads)
        {
            TorchLibrary.SetThreads(threads);
        }
        TorchLibrary.Use();
        Session.SetRandomSeed(settings.Seed);
        Model model = NewModel(data.Classes);
        DatasetStatistics? statistics = _recipe.NeedsStatistics
            ? DatasetStatistics.Compute(data.Train, _recipe.Plain(model), cancellation: terminal.Interrupt)
            : null;
        Preprocessing preprocessing =
            settings.Transfer?.Preprocessing ?? _recipe.Preprocessing(_recipe.Plain(model), statistics);
        var info = new RunInfo(data.Classes, preprocessing, data.Origin, settings.ToJson());
        // What does not fit together is found before there is a folder.
        Compile(model, _phases[0], data.Train.Count);
        data = data.Cached(CacheBytes);
        DataLoader images = Loader(data.Train, preprocessing, _recipe.Augmentations(statistics));
        IBatchSource train = Mixed(images);
        DataLoader validation = Loader(data.Validation, preprocessing);
        Baselines? baselines = resumed is null
            ? BaselineRun.Compute(images, Loader(data.Test, preprocessing), settings.Seed, terminal)
            : resumed.Baselines;
        using RunRecord record = resumed ?? RunRecord.Begin(settings, data, model, baselines, terminal.Interrupt);
        RunFolder folder = record.Folder;
        if (resumed is null)
        {
            WriteDescription(folder, model);
        }
        else
        {
            resumed.Resume();
        }
        Announce(data, model, baselines);

        IBatchSource Mixed(IBatchSource source) => _recipe.Mixed(source, data.Classes.Count, settings.Seed);

        using var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: ending after this step and saving. Again to stop at once."),
            terminal
        );
        try
        {
            History history = Fit(model, train, validation, info, folder, interrupts.Token);
            Save(model, info, folder, history);
            RunPictureFiles.WriteTraining(folder, model, history, _historyFile!.LearningRates);
            if (history.Cancelled)
            {
                record.SetStatus(InterruptedStatus);
                terminal.Output.WriteLine(
                    $"Interrupted after {history.Epochs.Count} of {settings.Epochs} epochs. Model and history are in {folder.Root}"
                );
                terminal.Output.WriteLine($"Go on with:  alexnet train --resume {ShellWords.Quote(folder.Root)}");
                return ExitCode.Interrupted;
            }
            Evaluation result = Evaluation.Run(
                model,
                Loader(data.Test, preprocessing, crops: settings.Recipe.Crops),
                interrupts.Token
            );
            RunPictureFiles.WriteTrainingImages(folder, images, Mixed);
            RunPictureFiles.WriteResults(
                folder,
                model,
                result,
                data.Test,
                chosen => Loader(chosen, preprocessing, crops: settings.Recipe.Crops)
            );
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            ReportFact[] facts = [new("command", settings.CommandText)];
            RunReport.Write(
                folder.Report,
                RunReportContent.Of(
                    folder,
                    info,
                    new RunOutcome(model, history.Epochs, result, data.Test, elapsed, baselines),
                    facts
                )
            );
            _checkpoints!.Finish();
            record.SetStatus("finished", ResultJson(result));
            Conclude(result, baselines, folder, elapsed);
            return ExitCode.Done;
        }
        catch (LossException e)
        {
            NoteFailure(record, e);
            throw _checkpoints!.After(e);
        }
        catch (Exception e)
        {
            NoteFailure(record, e);
            throw;
        }
    }

    private static void NoteFailure(RunRecord record, Exception error)
    {
        try
        {
            record.SetStatus(error is OperationCanceledException ? InterruptedStatus : "failed");
        }
        catch (LaminaException)
        {
            // The disk is full, say: what was thrown first is what to report.
        }
    }

    private static JsonObject ResultJson(Evaluation result) =>
        new()
        {
            ["images"] = result.Count,
            ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
            ["top1"] = result.Top1,
            ["top5"] = result.Top5,
            ["crops"] = result.Crops,
        };

    private History Fit(
        Model model,
        IBatchSource train,
        DataLoader validation,
        RunInfo info,
        RunFolder folder,
        CancellationToken interrupt
    )
    {
        var historyFile = new HistoryFile(folder.History);
        _historyFile = historyFile;
        if (resumed is null || RunCheckpoints.IsEmpty(folder))
        {
            historyFile.Write();
        }
        return terminal.Verbosity == Verbosity.Quiet ? Run(new SilentProgress())
            : terminal.IsInteractive ? LiveProgress.Show(terminal, TimeProvider.System, Run)
            : Run(new PlainProgress(terminal, TimeProvider.System));

        History Run(Progress progress)
        {
            if (resumed is not null && RunCheckpoints.IsEmpty(folder))
            {
                progress.Say("there is no checkpoint yet: from the beginning");
            }
            List<EpochLog> epochs = [];
            foreach (TrainingPhase phase in _phases)
            {
                if (phase.Begin > 0)
                {
                    Thaw(model, phase, train.Count, progress);
                }
                _checkpoints = new RunCheckpoints(folder, settings, phase, info.ToJson(), terminal, progress.Say);
                // What is done already, in a run that goes on, comes from the phase's own last checkpoint.
                History history = model.Fit(
                    train,
                    phase.End,
                    validation,
                    callbacks: [.. phase.Recipe.NewCallbacks(), historyFile, progress, _checkpoints.Callback],
                    initialEpoch: phase.Begin,
                    verbose: 0,
                    cancellation: interrupt
                );
                epochs.AddRange(history.Epochs);
                if (history.Cancelled)
                {
                    return new History(epochs, true);
                }
            }
            return new History(epochs, false);
        }
    }

    private void Thaw(Model model, TrainingPhase phase, int images, Progress progress)
    {
        IReadOnlyList<Layer> layers = model.Unfreeze();
        Compile(model, phase, images);
        progress.Say(
            FormattableString.Invariant(
                $"unfrozen: {string.Join(", ", layers.Select(l => l.Name))}; learning rate {phase.Recipe.LearningRate}"
            )
        );
    }

    private void Compile(Model model, TrainingPhase phase, int images) =>
        model.Compile(
            phase.Recipe.NewOptimizer(images),
            phase.Recipe.NewLoss(model),
            ["accuracy"],
            // Dropout's masks count steps, which begin anew.
            settings.Seed + phase.Begin,
            settings.Recompute,
            settings.Recipe.StatisticsImages,
            RecipeBinding.NewValidationLoss(model)
        );

    /// <summary>The model as it is before the first epoch: drawn at random, or with the weights that were asked for.</summary>
    private Model NewModel(IReadOnlyList<string> classes)
    {
        if (settings.Transfer is not { } transfer)
        {
            return _recipe.NewModel(classes.Count);
        }
        _start = new StartingModel(transfer, settings.Recipe, source);
        return resumed is not null && !RunCheckpoints.IsEmpty(resumed.Folder)
            ? resumed.Architecture()
            : _start.Build(classes, isResumed: resumed is not null);
    }

    /// <summary>What was asked for, but never more than a quarter of the machine's (or the container's) memory.</summary>
    private long CacheBytes =>
        Math.Min((long)settings.CacheMegabytes << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Loads training images where augmentations are given, else images to test on.</summary>
    private DataLoader Loader(
        LabeledImages images,
        Preprocessing preprocessing,
        IReadOnlyList<Augmentation>? augmentations = null,
        int crops = 1
    ) =>
        new(
            images,
            preprocessing,
            new DataLoaderOptions
            {
                BatchSize = settings.Batch,
                Shuffle = augmentations is not null,
                Seed = settings.Seed,
                Workers = settings.Workers,
                Strict = settings.Strict,
                ReuseBuffers = true,
                Augmentations = augmentations ?? [],
                Crops = crops,
                OnSkipped = _skips.Add,
            }
        );

    private const string InterruptedStatus = "interrupted";

    private readonly SkipReports _skips = new(terminal);
    private RunCheckpoints? _checkpoints;
    private HistoryFile? _historyFile;
    private StartingModel? _start;
    private readonly IReadOnlyList<TrainingPhase> _phases = TrainingPhase.Of(settings);
    private readonly RecipeBinding _recipe = new(settings.Recipe);

    private static void WriteDescription(RunFolder folder, Model model)
    {
        using var text = new StringWriter { NewLine = "\n" };
        model.Summary(text);
        AtomicFile.WriteAllText(folder.Summary, text.ToString());
        Plotting.PlotModel(model, folder.ModelPicture, showShapes: true);
    }

    private static void Save(Model model, RunInfo info, RunFolder folder, History history)
    {
        ModelFile.Save(
            model,
            folder.Model,
            new SaveOptions { Metadata = info.ToJson(), OptimizerState = model.Compiled!.GetOptimizerState() }
        );
    }

    private void Announce(DataSelection data, Model model, Baselines? baselines)
    {
        TextWriter output = terminal.Output;
        if (resumed?.VersionDifference() is { } difference)
        {
            terminal.WriteError(ErrorLine.OneLine(difference));
        }
        if (terminal.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        output.WriteLine($"data   {ErrorLine.OneLine(data.Origin.ToString())}");
        if (data.Note is { } note)
        {
            output.WriteLine($"       {ErrorLine.OneLine(note)}");
        }
        string validated = data.HasOwnValidation
            ? FormattableString.Invariant($"{data.Validation.Count} to validate on, ")
            : "";
        output.WriteLine(
            FormattableString.Invariant(
                $"       {data.Train.Count} images to train on, {validated}{data.Test.Count} to test on, {data.Classes.Count} classes"
            )
        );
        if (baselines is not null)
        {
            output.WriteLine($"       {BaselineText.Line(baselines)}");
        }
        output.WriteLine(
            FormattableString.Invariant(
                $"model  {ErrorLine.OneLine(settings.Model)} at {settings.Input}×{settings.Input}, {model.CountParams():N0} parameters"
            )
        );
        foreach (string line in _start?.Lines(model) ?? [])
        {
            output.WriteLine($"       {line}");
        }
        output.WriteLine(
            FormattableString.Invariant($"       recipe {settings.Recipe.Name}: {_recipe.Text}, seed {settings.Seed}")
        );
        if (settings.Recompute)
        {
            Optimizer optimizer = model.Compiled!.Optimizer;
            long kept = model.TrainingMemory(settings.Batch, optimizer).Peak;
            long again = model.TrainingMemory(settings.Batch, optimizer, recompute: true).Peak;
            output.WriteLine(
                FormattableString.Invariant(
                    $"memory {again / 1e6:N0} MB a step at most, with activations computed again; {kept / 1e6:N0} MB if they were kept"
                )
            );
        }
        output.Flush();
        terminal.Detail($"settings: {settings.ToRunJson(TorchLibrary.Threads).ToJsonString()}");
        ModelDetails.Libraries(terminal);
    }

    private void Conclude(Evaluation result, Baselines? baselines, RunFolder folder, TimeSpan elapsed)
    {
        _skips.Conclude();
        TextWriter output = terminal.Output;
        output.WriteLine();
        string crops = result.Crops > 1 ? $", {result.Crops} crops of each" : "";
        output.WriteLine(FormattableString.Invariant($"test images    {result.Count}{crops}"));
        output.WriteLine(FormattableString.Invariant($"test loss      {result.Loss:F4}"));
        output.WriteLine($"test accuracy  {EvaluationText.Percent(result.Top1)}");
        output.WriteLine($"test top-5     {EvaluationText.Percent(result.Top5)}");
        if (baselines is not null)
        {
            output.WriteLine($"baselines      {BaselineText.Short(baselines)}");
        }
        output.WriteLine($"time           {ProgressLine.Clock(elapsed)}");
        output.WriteLine($"run folder     {folder.Root}");
        if (baselines is not null && BaselineText.Warning(baselines, result.Top1) is { } warning)
        {
            output.WriteLine($"warning        {warning}");
        }
        output.Flush();
    }
}
