using System.Diagnostics;
using System.Text.Json.Nodes;
using Lamina.Runs.Data;
using Lamina.Runs.Folder;
using Lamina.Runs.Inspecting;
using Lamina.Runs.Results;
using Lamina.Runs.Transfer;
using Lamina.Torch;

namespace Lamina.Runs.Training;

/// <summary>A training from data to run folder.</summary>
/// <param name="settings">The settings of the run.</param>
/// <param name="observer">The observer that is told of it.</param>
/// <param name="cancellation">Ends it after the step at hand.</param>
/// <param name="resumed">The record of the run to resume; null to begin one.</param>
/// <param name="pauseAfter">
/// The number of epochs after which the run is left as if interrupted, even if they are all; null to finish it.
/// </param>
internal sealed class TrainingRun(
    TrainSettings settings,
    RunObserver observer,
    CancellationToken cancellation,
    RunRecord? resumed = null,
    int? pauseAfter = null
)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private RecipeBinding _recipe = new(settings.Recipe);
    private readonly RunLoaders _loaders = new(settings, observer);
    private StartingModel? _start;

    /// <summary>Trains, tests, and writes the run folder.</summary>
    public RunResult Execute()
    {
        if (settings is { Ranks: not null, Transfer.FineTune: true })
        {
            throw new LaminaException("--finetune trains in one process. Start it without mpirun.");
        }
        DataSelection data = TrainingData.Open(settings, resumed, observer, cancellation);
        settings = settings.For(data.Train.Count);
        _recipe = new RecipeBinding(settings.Recipe);
        UseLibrary();
        FindPreprocessing(data.Train);
        Model model = NewModel(data.Classes, data.Train.Count);
        DatasetStatistics? statistics = _recipe.NeedsStatistics
            ? DatasetStatistics.Compute(data.Train, _recipe.Plain(model), cancellation: cancellation)
            : null;
        Preprocessing preprocessing =
            settings.Transfer?.Preprocessing ?? _recipe.Preprocessing(_recipe.Plain(model), statistics);
        var info = new RunInfo(data.Classes, preprocessing, data.Origin, settings.ToJson());
        // What does not fit together is found before there is a folder.
        FeaturePhase? features = settings.Ranks is null
            ? FeaturePhase.Of(settings, model, data, observer, isHead: true)
            : null;
        IReadOnlyList<TrainingPhase> phases = TrainingPhase.Of(settings, model);
        Model trained = features?.Head ?? model;
        PhasedFit.Compile(trained, settings, phases[0], 0, data.Train.Count, whole: model);
        data = data.Cached(CacheBytes);
        DataLoader images = _loaders.Train(data.Train, preprocessing, _recipe.Augmentations(statistics));
        if (settings.IsFollower)
        {
            return Follow(model, images, data, info, phases);
        }
        Baselines? baselines = KnownBaselines(() =>
            ComputeBaselines(images, _loaders.Validation(data.Test, preprocessing))
        );
        using RunRecord record = resumed ?? RunRecord.Begin(settings, data, model, baselines, cancellation);
        OpenFolder(record.Folder, model, features);
        Announce(record.Folder, data, model, trained, baselines);
        var fit = new PhasedFit(settings, record.Folder, info, observer, phases, features, LaterFeatures)
        {
            PauseAfter = pauseAfter,
        };
        try
        {
            return TrainAndTest(record, fit, trained, model, images, data, info, baselines);
        }
        catch (LossException e)
        {
            TrainingOutput.NoteFailure(record, e);
            throw fit.Checkpoints!.After(e);
        }
        catch (Exception e)
        {
            TrainingOutput.NoteFailure(record, e);
            throw;
        }

        FeaturePhase? LaterFeatures(Model unfrozen) =>
            settings.Transfer is { FineTune: true }
                ? FeaturePhase.Of(settings, unfrozen, data, observer, isHead: false)
                : null;
    }

    private void OpenFolder(RunFolder folder, Model model, FeaturePhase? features)
    {
        if (resumed is not null)
        {
            resumed.Resume();
            return;
        }
        TrainingOutput.WriteDescription(folder, model);
        if (features is not null)
        {
            ModelFile.Save(model, folder.Start);
        }
    }

    /// <summary>Trains as a rank that writes no folder.</summary>
    private RunResult Follow(
        Model model,
        DataLoader images,
        DataSelection data,
        RunInfo info,
        IReadOnlyList<TrainingPhase> phases
    )
    {
        DataLoader validation = _loaders.Validation(data.Validation, info.Preprocessing);
        IBatchSource train = _recipe.Mixed(images, data.Classes.Count, settings.Options.Seed);
        var fit = new PhasedFit(settings, folder: null, info, observer, phases, features: null, _ => null);
        return new RunResult
        {
            Folder = "",
            Model = model,
            Info = info,
            History = fit.Run(model, train, validation, isResumed: false, (_, _) => true, cancellation),
            Epochs = settings.Recipe.Epochs,
            Elapsed = Stopwatch.GetElapsedTime(_started),
        };
    }

    private RunResult TrainAndTest(
        RunRecord record,
        PhasedFit fit,
        Model first,
        Model model,
        DataLoader images,
        DataSelection data,
        RunInfo info,
        Baselines? baselines
    )
    {
        DataLoader validation = _loaders.Validation(data.Validation, info.Preprocessing);
        RunFolder folder = record.Folder;
        History history = fit.Run(
            model,
            Mixed(images),
            validation,
            resumed is not null,
            (features, token) => features.Prepare(record, data, _loaders, info.Preprocessing, token),
            cancellation
        );
        TrainingOutput.Save(model, info, folder, fit.Trained ?? first);
        RunPictureFiles.WriteTraining(folder, model, history, fit.LearningRates);
        var result = new RunResult
        {
            Folder = folder.Root,
            Model = model,
            Info = info,
            History = history,
            Epochs = settings.Recipe.Epochs,
            Baselines = baselines,
            Elapsed = Stopwatch.GetElapsedTime(_started),
        };
        if (history.Cancelled)
        {
            record.SetStatus(
                history.Epochs.Count >= pauseAfter ? RunRecord.PausedStatus : TrainingOutput.InterruptedStatus
            );
            return result;
        }
        var test = Evaluation.Run(model, _loaders.Test(data.Test, info.Preprocessing), cancellation);
        RunPictureFiles.WriteTrainingImages(folder, images, Mixed);
        RunPictureFiles.WriteResults(folder, model, test, data.Test, i => _loaders.Test(i, info.Preprocessing));
        ExplainedTests.Write(folder, model, info, test, data.Test);
        result = result with { Test = test, Elapsed = Stopwatch.GetElapsedTime(_started) };
        TrainingOutput.WriteReport(folder, result, data.Test, settings.CommandText);
        fit.Checkpoints!.Finish();
        folder.DeleteTemporary();
        record.SetStatus("finished", TrainingOutput.ResultJson(test));
        return result;

        IBatchSource Mixed(IBatchSource source) => _recipe.Mixed(source, data.Classes.Count, settings.Options.Seed);
    }

    private void UseLibrary()
    {
        if (settings.Options.Threads is { } threads)
        {
            TorchLibrary.SetThreads(threads);
        }
        settings = settings.OnDevice();
        TorchLibrary.Require(settings.Device, settings.Precision);
        if (settings.Device != Device.Cpu || settings.Precision != ComputePrecision.Float32)
        {
            observer.OnMessage(
                $"device: {settings.Device}, precision: {settings.Precision.ToString().ToLowerInvariant()}"
            );
        }
        else if (settings.Options.Device is null && ComputeDevices.UnusedGpuReason is { } reason)
        {
            observer.OnWarning($"training on the CPU, because no GPU can be used: {reason}");
        }
        Session.SetRandomSeed(settings.Options.Seed);
    }

    /// <summary>Finds out how images are prepared where nobody says so, and doubts what the user said if it looks wrong.</summary>
    private void FindPreprocessing(LabeledImages train)
    {
        if (settings.Transfer is not { Loaded: { } source } transfer)
        {
            return;
        }
        if (!transfer.NeedsPreprocessing && transfer.PreprocessingName is null)
        {
            return;
        }
        if (source.Model.Inputs[0].Shape[3] != 3)
        {
            return;
        }
        var guess = new PreprocessingGuess(ModelTrunk.Of(source.Model).Network, train, settings.Options.Seed, observer);
        if (transfer.Preprocessing is { } named)
        {
            if (guess.Doubt(transfer.PreprocessingName!, named, cancellation) is { } doubt)
            {
                observer.OnWarning(doubt);
            }
            return;
        }
        (Preprocessing chosen, string warning) = guess.Choose(cancellation);
        observer.OnWarning(warning);
        settings = settings with { Transfer = transfer with { Preprocessing = chosen } };
    }

    /// <summary>The model as it is before the first epoch: drawn at random, or with the weights that were asked for.</summary>
    private Model NewModel(IReadOnlyList<string> classes, int images)
    {
        if (settings.Transfer is not { } transfer)
        {
            return _recipe.NewModel(classes.Count);
        }
        if (settings.Ranks is not { } ranks)
        {
            return NewModel(transfer, classes, images);
        }
        // What the first rank starts from may be in its run folder. Weights are shared when training begins.
        Model? own = settings.IsFollower ? null : NewModel(transfer, classes, images);
        string config = RankSteps.Share(ranks, own?.GetConfig().ToJsonString())!;
        return own ?? Model.FromConfig(JsonNode.Parse(config)!.AsObject());
    }

    private Model NewModel(TransferSettings transfer, IReadOnlyList<string> classes, int images)
    {
        _start = new StartingModel(transfer, settings.Recipe);
        if (resumed is not null && Directory.Exists(resumed.Folder.Start))
        {
            return ModelFile.Load(resumed.Folder.Start).Model;
        }
        return resumed is not null && !RunCheckpoints.IsEmpty(resumed.Folder)
            ? resumed.Architecture()
            : _start.Build(classes, images, isResumed: resumed is not null);
    }

    // A run that is left before its test has nothing to compare with them yet.
    private Baselines? KnownBaselines(Func<Baselines> compute)
    {
        if (resumed is null)
        {
            return pauseAfter is null ? compute() : null;
        }
        if (resumed.Baselines is null && resumed.IsPaused && pauseAfter is null)
        {
            resumed.SetBaselines(compute());
        }
        return resumed.Baselines;
    }

    private Baselines ComputeBaselines(DataLoader train, DataLoader test) =>
        Baselines.Compute(
            train.Source,
            test.Source,
            new BaselineOptions { DecodeSize = train.DecodeSize, Seed = settings.Options.Seed },
            new Reporter(observer.OnBaselineProgress),
            cancellation
        );

    /// <summary>The requested cache size, limited to a quarter of the memory of the machine or container.</summary>
    private long CacheBytes =>
        Math.Min(
            (long)settings.Options.CacheMegabytes << 20,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / (settings.Ranks?.Size ?? 1)
        );

    private void Announce(RunFolder folder, DataSelection data, Model model, Model trained, Baselines? baselines)
    {
        if (resumed?.VersionDifference() is { } difference)
        {
            observer.OnWarning(Text.OneLine.Of(difference));
        }
        observer.OnStarted(
            new RunStart
            {
                Folder = folder.Root,
                Data = data.Origin,
                DataNote = data.Note,
                TrainImages = data.Train.Count,
                ValidationImages = data.HasOwnValidation ? data.Validation.Count : null,
                TestImages = data.Test.Count,
                Classes = data.Classes,
                Baselines = baselines,
                Model = model,
                ModelName = settings.Model,
                Recipe = settings.Recipe,
                RecipeText = _recipe.Text,
                Seed = settings.Options.Seed,
                WeightNotes = [.. _start?.Lines(model) ?? []],
                StepMemory = settings.Options.Recompute ? StepMemory(trained) : null,
                Settings = settings.ToRunJson(TorchLibrary.Threads),
            }
        );
    }

    private (long Recomputed, long Kept) StepMemory(Model model)
    {
        Optimizer optimizer = model.Compiled!.Optimizer;
        return (
            model.TrainingMemory(settings.Batch, optimizer, recompute: true).Peak,
            model.TrainingMemory(settings.Batch, optimizer).Peak
        );
    }

    /// <summary>Reports at once; <see cref="Progress{T}"/> would do so later, out of order.</summary>
    private sealed class Reporter(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
