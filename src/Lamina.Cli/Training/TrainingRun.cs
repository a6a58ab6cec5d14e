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
        if (!Zoo.Names.Contains(settings.Model))
        {
            throw ModelArgument.Unknown(settings.Model);
        }
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
        Model model = Zoo.Build(settings.Model, ZooOption.Of(data.Classes.Count, settings.Input));
        // The zoo says what a model takes: some are grey.
        int?[] input = [.. model.Inputs[0].Shape];
        var preprocessing = new Preprocessing
        {
            Height = input[1]!.Value,
            Width = input[2]!.Value,
            Channels = input[3]!.Value,
        };
        var folder = RunFolder.Create(settings.Output, settings.Model, DateTimeOffset.Now);
        var info = new RunInfo(data.Classes, preprocessing, data.Origin, settings.ToJson());
        WriteDescription(folder, model);
        Announce(data, model);

        using var interrupts = new Interrupts(
            () => terminal.WriteError("interrupted: ending after this step and saving. Again to stop at once."),
            terminal.Interrupt
        );
        History history = Fit(model, data, preprocessing, folder, interrupts.Token);
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
        Conclude(result, folder, Stopwatch.GetElapsedTime(started));
        return ExitCode.Done;
    }

    private History Fit(
        Model model,
        DataSelection data,
        Preprocessing preprocessing,
        RunFolder folder,
        CancellationToken interrupt
    )
    {
        Loss loss = Classifier.EndsInSoftmax(model)
            ? new SparseCategoricalCrossentropy()
            : new SparseCategoricalCrossentropy(fromLogits: true);
        model.Compile(settings.NewOptimizer(), loss, ["accuracy"], settings.Seed);
        DataLoader train = Loader(data.Train, preprocessing, training: true);
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
                callbacks: [settings.NewSchedule(train), historyFile, progress],
                verbose: 0,
                cancellation: interrupt
            );
    }

    private DataLoader Loader(LabeledImages images, Preprocessing preprocessing, bool training = false) =>
        new(
            images,
            preprocessing,
            new DataLoaderOptions
            {
                BatchSize = settings.Batch,
                Shuffle = training,
                Seed = settings.Seed,
                Workers = settings.Workers,
                Strict = settings.Strict,
                ReuseBuffers = true,
                Augmentations = training ? settings.Augmentations : [],
                OnSkipped = _skips.Add(terminal),
            }
        );

    private readonly SkipReports _skips = new();

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
            FormattableString.Invariant(
                $"       {settings.Epochs} epochs of batches of {settings.Batch}, {settings.OptimizerText}, seed {settings.Seed}"
            )
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
