using System.Diagnostics;
using Lamina.Torch;

namespace Lamina.Cli;

/// <summary>A training from data to run folder.</summary>
internal sealed class TrainingRun(TrainSettings settings, Terminal terminal)
{
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
        MissingClasses.Warn(terminal, data.Train, "train on");
        MissingClasses.Warn(terminal, data.Test, "test on");
        if (settings.Threads is { } threads)
        {
            TorchLibrary.SetThreads(threads);
        }
        TorchLibrary.Use();
        Session.SetRandomSeed(settings.Seed);
        Model model = _recipe.NewModel(data.Classes.Count);
        DatasetStatistics? statistics = _recipe.NeedsStatistics
            ? DatasetStatistics.Compute(data.Train, _recipe.Plain(model), cancellation: terminal.Interrupt)
            : null;
        Preprocessing preprocessing = _recipe.Preprocessing(_recipe.Plain(model), statistics);
        var folder = RunFolder.Create(settings.Output, settings.Model, DateTimeOffset.Now);
        var info = new RunInfo(data.Classes, preprocessing, data.Origin, settings.ToJson());
        WriteDescription(folder, model);
        Announce(data, model);

        using var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: ending after this step and saving. Again to stop at once."),
            terminal.Interrupt
        );
        History history = Fit(model, data, preprocessing, statistics, folder, interrupts.Token);
        Save(model, info, folder, history);
        if (history.Cancelled)
        {
            terminal.Output.WriteLine(
                $"Interrupted after {history.Epochs.Count} of {settings.Epochs} epochs. Model and history are in {folder.Root}"
            );
            return ExitCode.Interrupted;
        }
        Evaluation result = Evaluation.Run(model, Loader(data.Test, preprocessing), interrupts.Token);
        RunPictureFiles.WriteResults(folder, model, result, data.Test, preprocessing);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        ReportFact[] facts = [new("command", settings.CommandText)];
        RunReport.Write(
            folder.Report,
            RunReportContent.Of(folder, info, model, history.Epochs, result, data.Test, elapsed, facts)
        );
        Conclude(result, folder, elapsed);
        return ExitCode.Done;
    }

    private History Fit(
        Model model,
        DataSelection data,
        Preprocessing preprocessing,
        DatasetStatistics? statistics,
        RunFolder folder,
        CancellationToken interrupt
    )
    {
        model.Compile(_recipe.NewOptimizer(data.Train.Count), _recipe.NewLoss(model), ["accuracy"], settings.Seed);
        DataLoader train = Loader(data.Train, preprocessing, _recipe.Augmentations(statistics));
        DataLoader test = Loader(data.Test, preprocessing);
        var historyFile = new HistoryFile(folder.History);
        historyFile.Write();
        return terminal.IsInteractive
            ? LiveProgress.Show(terminal, Run)
            : Run(new PlainProgress(terminal, TimeProvider.System));

        History Run(Callback progress) =>
            model.Fit(
                train,
                settings.Epochs,
                test,
                callbacks: [.. _recipe.NewCallbacks(), historyFile, progress],
                verbose: 0,
                cancellation: interrupt
            );
    }

    /// <summary>Loads training images where augmentations are given, else images to test on.</summary>
    private DataLoader Loader(
        LabeledImages images,
        Preprocessing preprocessing,
        IReadOnlyList<Augmentation>? augmentations = null
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
                OnSkipped = _skips.Add(terminal),
            }
        );

    private readonly SkipReports _skips = new();
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
        RunPictureFiles.WriteTraining(folder, model, history);
    }

    private void Announce(DataSelection data, Model model)
    {
        TextWriter output = terminal.Output;
        output.WriteLine($"data   {ErrorLine.OneLine(data.Origin.ToString())}");
        output.WriteLine(
            FormattableString.Invariant(
                $"       {data.Train.Count} images to train on, {data.Test.Count} to test on, {data.Classes.Count} classes"
            )
        );
        output.WriteLine(
            FormattableString.Invariant(
                $"model  {settings.Model} at {settings.Input}×{settings.Input}, {model.CountParams():N0} parameters"
            )
        );
        output.WriteLine(
            FormattableString.Invariant($"       recipe {settings.Recipe.Name}: {_recipe.Text}, seed {settings.Seed}")
        );
        output.Flush();
    }

    private void Conclude(Evaluation result, RunFolder folder, TimeSpan elapsed)
    {
        TextWriter output = terminal.Output;
        output.WriteLine();
        output.WriteLine(FormattableString.Invariant($"test images    {result.Count}"));
        output.WriteLine(FormattableString.Invariant($"test loss      {result.Loss:F4}"));
        output.WriteLine($"test accuracy  {EvaluationText.Percent(result.Top1)}");
        output.WriteLine($"test top-5     {EvaluationText.Percent(result.Top5)}");
        output.WriteLine($"time           {ProgressLine.Clock(elapsed)}");
        output.WriteLine($"run folder     {folder.Root}");
        output.Flush();
    }
}
