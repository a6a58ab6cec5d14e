using System.Text.Json.Nodes;

namespace Lamina.Runs.Tests;

/// <summary>Train, resume, evaluate, predict and quantize from C#: all that the command does.</summary>
public sealed class RunTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    [Fact]
    public void Training_returns_its_results_and_writes_the_run_folder()
    {
        RunResult result = trained.Result;
        Assert.False(result.IsInterrupted);
        Assert.Equal(2, result.History.Epochs.Count);
        Assert.Equal(result.Test!.Loss, result.History.Epochs[^1].Logs["val_loss"], 1e-4);
        Assert.Equal(["dark", "light"], result.Info.Classes);
        Assert.Equal(1.0, result.Baselines!.NearestNeighborAccuracy);
        string[] files = ["model", "run.json", "history.csv", "report.html", "curves.png", "checkpoints"];
        Assert.All(files, f => Assert.True(Path.Exists(Path.Combine(result.Folder, f)), f));
    }

    [Fact]
    public void An_observer_is_told_of_the_course()
    {
        RecordingObserver observer = trained.Observer;
        Assert.Equal([Path.Combine(trained.Data, "dark", "text.jpg")], observer.Skipped);
        Assert.Equal([0, 1], observer.Epochs.Select(e => e.Epoch));
        Assert.Equal(1, observer.BaselineShare);
        RunStart start = observer.Start!;
        Assert.Equal((30, 31, null), (start.TrainImages, start.TestImages, start.ValidationImages));
        Assert.Equal((trained.Run, "small"), (start.Folder, start.ModelName));
        Assert.Equal(trained.Result.Model.CountParams(), start.Model.CountParams());
    }

    [Fact]
    public void Evaluation_finds_the_test_images_again()
    {
        using var classifier = RunClassifier.Load(trained.Run);
        Evaluation again = classifier.Evaluate(cancellation: Token);
        Assert.Equal(trained.Result.Test!.Loss, again.Loss, 1e-6);
        Assert.Equal(trained.Result.Test!.Confusion, again.Confusion);
        Assert.Equal(60, classifier.Evaluate(new EvaluateOptions { Data = trained.Data }, cancellation: Token).Count);
        Assert.Contains(
            "Crops is 5; it must be 1, 2 or 10.",
            Assert
                .Throws<LaminaException>(() =>
                    classifier.Evaluate(new EvaluateOptions { Crops = 5 }, cancellation: Token)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Files_bytes_and_arrays_are_classified_alike()
    {
        using var classifier = RunClassifier.Load(trained.Run);
        string image = Path.Combine(trained.Data, "light", "0.png");
        IReadOnlyList<ClassScore> scores = classifier.Predict(image);
        Assert.Equal(1, scores.Sum(s => s.Probability), 1e-5);
        Assert.Equal(["dark", "light"], scores.Select(s => s.Class).Order(StringComparer.Ordinal));
        Assert.All(scores, s => Assert.Equal(classifier.Info.Classes[s.Index], s.Class));
        Assert.Equal(scores, classifier.Predict(File.ReadAllBytes(image), "an upload"));
        Assert.Equal(scores.Take(1), classifier.Predict(Images.Load(image, classifier.Info.Preprocessing), top: 1));
        var error = Assert.Throws<DataException>(() => classifier.Predict("words"u8.ToArray(), "an upload"));
        Assert.StartsWith("an upload: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_canceled_run_is_resumed_to_the_same_bytes()
    {
        using var cancellation = new CancellationTokenSource();
        var observer = new RecordingObserver
        {
            AfterStep = log =>
            {
                if (log is { Epoch: 1, Batch: 1 })
                {
                    cancellation.Cancel();
                }
            },
        };
        TrainOptions options = trained.Options with { Output = trained.Folder["canceled"] };
        Session.Clear();
        RunResult result = Run.Train(options, observer, cancellation.Token);
        Assert.True(result.IsInterrupted);
        Assert.Single(result.History.Epochs);
        Assert.Equal("interrupted", Status(result.Folder));

        Session.Clear();
        var second = new RecordingObserver();
        RunResult resumed = Run.Resume(result.Folder, observer: second, cancellation: Token)!;
        Assert.Equal("going on in epoch 2 of 2, after 1 of its steps", Assert.Single(second.Messages));
        Assert.Equal(trained.Result.Test!.Loss, resumed.Test!.Loss);
        Assert.Equal(Values(trained.Result.Model), Values(resumed.Model));
        Assert.Equal("finished", Status(result.Folder));
        Assert.Null(Run.Resume(result.Folder, cancellation: Token));
    }

    [Fact]
    public void A_run_records_its_device_and_precision_and_moves_to_another_device()
    {
        JsonNode standard = Json(trained.Run)["settings"]!;
        Assert.Equal("auto", standard["device"]!.GetValue<string>());
        using var cancellation = new CancellationTokenSource();
        var observer = new RecordingObserver
        {
            AfterStep = log =>
            {
                if (log is { Epoch: 1, Batch: 1 })
                {
                    cancellation.Cancel();
                }
            },
        };
        TrainOptions options = trained.Options with
        {
            Output = trained.Folder["mixed"],
            Device = Device.Portable,
            Precision = ComputePrecision.BFloat16,
        };
        Session.Clear();
        RunResult result = Run.Train(options, observer, cancellation.Token);
        Assert.True(result.IsInterrupted);
        Assert.Contains("device: portable, precision: bfloat16", observer.Messages);
        JsonNode settings = Json(result.Folder)["settings"]!;
        Assert.Equal("portable", settings["device"]!.GetValue<string>());
        Assert.Equal("BFloat16", settings["precision"]!.GetValue<string>());

        Session.Clear();
        var second = new RecordingObserver();
        RunResult resumed = Run.Resume(result.Folder, observer: second, device: Device.Cpu, cancellation: Token)!;
        Assert.Contains("device: cpu, precision: bfloat16", second.Messages);
        Assert.Contains("going on in epoch 2 of 2, after 1 of its steps", second.Messages);
        CompiledModel compiled = resumed.Model.Compiled!;
        Assert.Equal((Device.Cpu, ComputePrecision.BFloat16), (compiled.Device, compiled.Precision));
        Assert.Equal(trained.Result.Test!.Loss, resumed.Test!.Loss, 0.05);
        using var classifier = RunClassifier.Load(
            result.Folder,
            new ClassifierOptions { Device = Device.Portable, Precision = ComputePrecision.BFloat16 }
        );
        Assert.Equal(resumed.Test!.Loss, classifier.Evaluate(cancellation: Token).Loss, 0.02);
    }

    [Fact]
    public void A_device_that_cannot_be_used_leaves_no_folder()
    {
        Assert.SkipWhen(ComputeDevices.Best() != Device.Cpu, "This machine has a GPU.");
        TrainOptions options = trained.Options with { Output = trained.Folder["gpu"], Device = Device.Cuda(3) };
        string message = Assert.Throws<TorchException>(() => Run.Train(options, cancellation: Token)).Message;
        Assert.StartsWith("cuda:3 cannot be used: ", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(trained.Folder["gpu"]));
    }

    [Fact]
    public void A_run_begins_with_the_weights_of_another()
    {
        RunResult result = Run.Train(
            trained.Options with
            {
                Output = trained.Folder["tuned"],
                Weights = new StartingWeights(trained.Run) { Freeze = ["features"], UnfreezeAfter = 1 },
            },
            cancellation: Token
        );
        Assert.Equal(0.00001, result.Model.Compiled!.Optimizer.LearningRate, 1e-9);
        JsonNode transfer = Json(result.Folder)["settings"]!["transfer"]!;
        Assert.Equal(1, transfer["unfreeze_after"]!.GetValue<int>());
        var late = new StartingWeights(trained.Run) { Freeze = ["features"], UnfreezeAfter = 2 };
        Assert.Contains(
            "unfreeze after 2 epochs: the run has 2.",
            Assert
                .Throws<LaminaException>(() =>
                    Run.Train(trained.Options with { Output = null, Weights = late }, cancellation: Token)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_quantized_model_is_tested_beside_its_own()
    {
        QuantizationResult result = RunQuantizer.Quantize(
            trained.Run,
            new QuantizationOptions { Output = trained.Folder["model.int8.safetensors"] },
            cancellation: Token
        );
        Assert.Equal(30, result.CalibrationImages);
        Assert.InRange(result.Bytes, result.FloatBytes / 5, result.FloatBytes / 3);
        Assert.Equal(trained.Result.Test!.Loss, result.FloatTest!.Loss, 1e-6);
        using var classifier = RunClassifier.Load(result.File);
        Assert.Equal(result.Test!.Confusion, classifier.Evaluate(cancellation: Token).Confusion);
    }

    public static TheoryData<TrainOptions, string> Wrong =>
        new()
        {
            {
                new TrainOptions { ValidationShare = 1 },
                "ValidationShare is 1"
            },
            {
                new TrainOptions { Threads = 0 },
                "Threads is 0"
            },
            {
                new TrainOptions { Workers = -1 },
                "Workers is -1"
            },
            {
                new TrainOptions { CacheMegabytes = -1 },
                "CacheMegabytes is -1"
            },
            {
                new TrainOptions { Keep = -1 },
                "Keep is -1"
            },
            {
                new TrainOptions { Data = "/no/such/folder" },
                "/no/such/folder: no such folder"
            },
            {
                new TrainOptions { Weights = new StartingWeights("/no/such") },
                "/no/such: there is no such file or run."
            },
        };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wrong))]
    public void Options_out_of_range_are_refused_before_anything_is_written(TrainOptions options, string expected)
    {
        string output = trained.Folder["none"];
        var error = Assert.ThrowsAny<LaminaException>(() =>
            Run.Train(options with { Output = output }, cancellation: Token)
        );
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(output));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Status(string run) => Json(run)["status"]!.GetValue<string>();

    private static JsonNode Json(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!;

    private static float[][] Values(Model model) => [.. model.Weights.Select(w => w.GetValues())];
}
