using System.Text.Json.Nodes;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>Training a head on a frozen network that ends in features, which are computed once.</summary>
public sealed class FeatureRunTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _data;
    private readonly string _network;

    public FeatureRunTests()
    {
        _data = _folder.WriteImages("data", perClass: 40);
        _network = FeatureNetwork.Write(_folder["network.lamina"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_run_is_one_whole_model_whose_trunk_is_as_it_was()
    {
        var observer = new FeatureObserver();
        RunResult result = Run.Train(Options("run"), observer, Token);
        Assert.Equal((80, 80), (observer.Last!.Done, observer.Last.Total));
        Assert.Contains(
            observer.Messages,
            m => m.StartsWith("frozen features of 16 images: ", StringComparison.Ordinal)
        );
        Assert.InRange(result.Test!.Top1, 0.9, 1);
        using var classifier = RunClassifier.Load(_folder["run"]);
        Assert.Equal(result.Test.Loss, classifier.Evaluate(cancellation: Token).Loss, 1e-5);
        // Validation is on features, the test on images: the head's weights are in the whole model.
        Assert.Equal(result.Test.Loss, result.History.Epochs[^1].Logs["val_loss"], 1e-4);
        Model before = ModelFile.Load(_network).Model;
        foreach (Weight weight in before.Weights)
        {
            Weight after = classifier.Model.Weights.Single(w => w.Path == weight.Path);
            Assert.Equal(weight.GetValues(), after.GetValues());
        }
        JsonNode record = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["run"], "run.json")))!;
        Assert.Equal(1, record["settings"]!["transfer"]!["preprocessing"]!["scale"]!.GetValue<double>());
        Assert.False(Directory.Exists(Path.Combine(_folder["run"], "start")));
    }

    [Fact]
    public void Features_are_computed_once_for_all_runs_and_again_where_they_are_damaged()
    {
        _ = Run.Train(Options("first"), new FeatureObserver(), Token);
        string[] files = Directory.GetFiles(_folder[".features"], "*.safetensors", SearchOption.AllDirectories);
        Assert.Equal(2, files.Length);
        var second = new FeatureObserver();
        _ = Run.Train(Options("second"), second, Token);
        Assert.Equal(0, second.Computed);
        Assert.Equal(Weights("first"), Weights("second"));

        byte[] bytes = File.ReadAllBytes(files[0]);
        bytes[^5] ^= 1;
        File.WriteAllBytes(files[0], bytes);
        var third = new FeatureObserver();
        _ = Run.Train(Options("third"), third, Token);
        Assert.Contains(third.Warnings, w => w.Contains("they are computed again", StringComparison.Ordinal));
        Assert.Equal(Weights("first"), Weights("third"));

        // Other images are another key.
        File.Delete(Path.Combine(_data, "dark", "3.png"));
        var other = new FeatureObserver();
        _ = Run.Train(Options("other"), other, Token);
        Assert.True(other.Computed > 0);
    }

    [Fact]
    public void A_run_that_is_canceled_among_features_or_epochs_resumes_to_the_same_bytes()
    {
        _ = Run.Train(Options("whole"), new FeatureObserver(), Token);
        Directory.Delete(_folder[".features"], recursive: true);
        using (var early = new CancellationTokenSource())
        {
            var observer = new FeatureObserver { OnFeatures = early.Cancel };
            Assert.True(Run.Train(Options("run"), observer, early.Token).IsInterrupted);
        }
        using (var late = new CancellationTokenSource())
        {
            var observer = new FeatureObserver { AfterStep = log => Cancel(late, log) };
            Assert.True(Run.Resume(_folder["run"], observer: observer, cancellation: late.Token)!.IsInterrupted);
        }
        // The run has what it began with.
        File.Delete(_network);
        RunResult result = Run.Resume(_folder["run"], cancellation: Token)!;
        Assert.False(result.IsInterrupted);
        Assert.Equal(Weights("whole"), Weights("run"));

        static void Cancel(CancellationTokenSource source, BatchLog log)
        {
            if (log.Epoch == 1)
            {
                source.Cancel();
            }
        }
    }

    [Fact]
    public void Many_images_get_a_head_with_a_hidden_layer_and_resume_to_the_same_bytes()
    {
        string many = _folder.WriteImages("many", perClass: 250);
        RunResult whole = Run.Train(Options("whole") with { Data = many }, new FeatureObserver(), Token);
        Assert.Equal(512, whole.Model.Layers.OfType<Dense>().First(d => d.Name == "head_hidden").Units);
        // The recipe's own rate for the features, and that of the hidden layer.
        Assert.Equal([0.25, 0.5], whole.Model.Layers.OfType<Dropout>().Select(d => d.Rate));
        Assert.InRange(whole.Test!.Top1, 0.9, 1);
        // The loss that is reported has no label smoothing, as in the test.
        Assert.Equal(whole.Test.Loss, whole.History.Epochs[^1].Logs["val_loss"], 1e-4);
        using (var late = new CancellationTokenSource())
        {
            var observer = new FeatureObserver { AfterStep = _ => late.Cancel() };
            Assert.True(Run.Train(Options("run") with { Data = many }, observer, late.Token).IsInterrupted);
        }
        Assert.False(Run.Resume(_folder["run"], cancellation: Token)!.IsInterrupted);
        Assert.Equal(Weights("whole"), Weights("run"));
    }

    [Fact]
    public void Where_nothing_is_said_the_preprocessing_is_guessed_and_a_wrong_one_is_doubted()
    {
        var guessed = new FeatureObserver();
        RunResult result = Run.Train(Options("guessed", preprocessing: null), guessed, Token);
        Assert.Contains(
            guessed.Warnings,
            w => w.Contains("do not say how images are prepared; chosen '", StringComparison.Ordinal)
        );
        // Every batch of every preset shows that it goes on.
        Assert.InRange(guessed.Guessed, 5, 50);
        // All other presets make 0 of everything.
        Assert.Equal(1, result.Info.Preprocessing.Scale);

        var wrong = new FeatureObserver();
        _ = Run.Train(Options("wrong", preprocessing: "torch"), wrong, Token);
        Assert.Contains(wrong.Warnings, w => w.StartsWith("with the preprocessing torch ", StringComparison.Ordinal));

        // A few images say too little.
        var few = new FeatureObserver();
        string data = _folder.WriteImages("few", perClass: 8);
        _ = Run.Train(Options("few-run", preprocessing: "torch") with { Data = data }, few, Token);
        Assert.DoesNotContain(few.Warnings, w => w.Contains("preprocessing", StringComparison.Ordinal));

        var right = new FeatureObserver();
        _ = Run.Train(Options("right"), right, Token);
        Assert.DoesNotContain(right.Warnings, w => w.Contains("preprocessing", StringComparison.Ordinal));

        LaminaException error = Assert.Throws<LaminaException>(() =>
            Run.Train(Options("none", preprocessing: "pytorch"), cancellation: Token)
        );
        Assert.StartsWith(
            "preprocessing: 'pytorch' is not one of torchvision, 0-1, 0-255, torch, caffe, tf, raw",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public void The_dropout_of_the_recipe_is_the_heads()
    {
        foreach (double? rate in (double?[])[null, 0, 0.35])
        {
            TrainOptions options = Options(FormattableString.Invariant($"dropped{rate}"));
            options = options with { Recipe = options.Recipe with { Dropout = rate } };
            RunResult result = Run.Train(options, cancellation: Token);
            double[] rates = [.. result.Model.Layers.OfType<Dropout>().Select(d => d.Rate)];
            Assert.Equal(rate > 0 ? [rate.Value] : [], rates);
        }
    }

    [Fact]
    public void Images_that_change_at_random_are_not_cached()
    {
        TrainOptions options = Options("moved");
        options = options with
        {
            Recipe = options.Recipe with { Augmentation = [new JsonObject { ["name"] = "random_shift" }] },
        };
        var observer = new FeatureObserver();
        RunResult result = Run.Train(options, observer, Token);
        Assert.Null(observer.Last);
        Assert.False(Directory.Exists(_folder[".features"]));
        Assert.Equal(5, result.Model.Layers.Count(l => l.Weights.Count > 0));
    }

    private TrainOptions Options(string run, string? preprocessing = "raw")
    {
        Session.Clear();
        return new()
        {
            Data = _data,
            Output = _folder[run],
            Recipe = Recipe.Get(TrainOptions.DefaultRecipe) with
            {
                Epochs = 3,
                Batch = 8,
                MicroBatch = null,
                Optimizer = new JsonObject { ["name"] = "adam", ["learning_rate"] = 0.01 },
                Schedule = new RecipeSchedule(),
                LabelSmoothing = 0,
                Mixing = null,
                Augmentation = [],
            },
            Weights = new StartingWeights(_network) { Freeze = ["backbone"], Preprocessing = preprocessing },
        };
    }

    private byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(_folder[run], "model", "weights.safetensors"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class FeatureObserver : RunObserver
    {
        private FeatureProgress? _last;
        private bool _hasStarted;

        public int Guessed { get; private set; }

        public List<string> Warnings { get; } = [];

        public List<string> Messages { get; } = [];

        public Action? OnFeatures { get; init; }

        public Action<BatchLog>? AfterStep { get; init; }

        public FeatureProgress? Last => _last;

        public double Computed { get; private set; }

        public override void OnWarning(string message) => Warnings.Add(message);

        public override void OnMessage(string message) => Messages.Add(message);

        public override void OnStarted(RunStart start) => _hasStarted = true;

        public override void OnFeatureProgress(FeatureProgress progress)
        {
            if (!_hasStarted)
            {
                // Of the search for the preprocessing.
                Guessed++;
                return;
            }
            _last = progress;
            Computed = Math.Max(Computed, progress.ImagesPerSecond);
            OnFeatures?.Invoke();
        }

        public override void OnTrainBatchEnd(BatchLog log) => AfterStep?.Invoke(log);
    }
}
