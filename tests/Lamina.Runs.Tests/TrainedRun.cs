// Trainings count layer names in the process's session and share two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Lamina.Runs.Tests;

/// <summary>One small training, whose run folder several tests use.</summary>
public sealed class TrainedRun : IDisposable
{
    public TrainedRun()
    {
        Data = Folder.WriteImages("data", perClass: 30);
        File.WriteAllText(Path.Combine(Data, "dark", "text.jpg"), "just some words\n");
        Recipe standard = Recipe.Get(TrainOptions.DefaultRecipe);
        Options = new TrainOptions
        {
            Data = Data,
            ValidationShare = 0.5,
            Recipe = standard with
            {
                Epochs = 2,
                Batch = 16,
                Optimizer = new() { ["name"] = "adam", ["learning_rate"] = 0.0001 },
            },
            Output = Folder["run"],
            Command = ["alexnet", "train", Data, "--epochs", "2"],
        };
        Session.Clear();
        Result = Runs.Run.Train(Options, Observer);
    }

    public TempFolder Folder { get; } = new();

    public string Data { get; }

    public string Run => Folder["run"];

    public TrainOptions Options { get; }

    public RunResult Result { get; }

    public RecordingObserver Observer { get; } = new();

    public void Dispose() => Folder.Dispose();
}

/// <summary>Keeps all that a run tells.</summary>
public sealed class RecordingObserver : RunObserver
{
    private readonly Lock _lock = new();

    public List<string> Warnings { get; } = [];

    public List<string> Messages { get; } = [];

    public HashSet<string> Skipped { get; } = [];

    public List<EpochLog> Epochs { get; } = [];

    public RunStart? Start { get; private set; }

    public double BaselineShare { get; private set; }

    /// <summary>Called after each training step.</summary>
    public Action<BatchLog>? AfterStep { get; set; }

    public override void OnSkipped(SkippedImage image)
    {
        lock (_lock)
        {
            Skipped.Add(image.Name);
        }
    }

    public override void OnWarning(string message) => Warnings.Add(message);

    public override void OnMessage(string message) => Messages.Add(message);

    public override void OnBaselineProgress(double share)
    {
        lock (_lock)
        {
            BaselineShare = Math.Max(BaselineShare, share);
        }
    }

    public override void OnStarted(RunStart start) => Start = start;

    public override void OnTrainBatchEnd(BatchLog log) => AfterStep?.Invoke(log);

    public override void OnEpochEnd(EpochLog log) => Epochs.Add(log);
}
