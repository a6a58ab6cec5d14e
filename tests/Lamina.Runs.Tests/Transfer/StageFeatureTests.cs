using System.Text.Json.Nodes;
using Lamina.Runs.Training;
using Lamina.Runs.Transfer;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>New heads that read averages of all stages of a frozen network, with and without fine-tuning.</summary>
public sealed class StageFeatureTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _data;
    private readonly string _network;

    public StageFeatureTests()
    {
        _data = _folder.WriteImages("data", perClass: 20);
        _network = StageNetwork.Write(_folder["network.lamina"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_head_on_all_stages_sees_what_the_last_layer_lost()
    {
        string blind = StageNetwork.Write(_folder["blind.lamina"], isBlind: true);
        var observer = new Observer();
        RunResult stages = Run.Train(Frozen("stages", blind), observer, Token);
        Assert.InRange(stages.Test!.Top1, 0.9, 1);
        // Of low, middle, the block and the last layer.
        Assert.Equal(4 + 6 + 8 + 8, Width(stages.Model));
        Assert.Contains(observer.Messages, m => m.Contains("their 26 features of each image", Ordinal));
        Assert.Contains(
            observer.Notes,
            n => n.Contains("26 features of pool and 3 layers below it, head new", Ordinal)
        );
        Assert.Equal("stages", Recorded("stages"));
        // Another program reads the run as one network.
        using var classifier = RunClassifier.Load(_folder["stages"]);
        Assert.Equal(stages.Test.Loss, classifier.Evaluate(cancellation: Token).Loss, 1e-5);

        RunResult last = Run.Train(Frozen("last", blind, TrunkFeatures.Last), cancellation: Token);
        Assert.InRange(last.Test!.Top1, 0.2, 0.8);
        Assert.DoesNotContain(last.Model.Layers, l => l is Concatenate);
        Assert.Equal((8, "last"), (Width(last.Model), Recorded("last")));
        // Of training and test images each.
        Assert.Equal(4, Directory.GetDirectories(_folder[".features"]).Length);
    }

    [Fact]
    public void A_network_without_weights_is_refused_in_one_line()
    {
        string path = _folder["empty.lamina"];
        Symbol images = Layers.Input(16, 16, 3);
        ModelFile.Save(Layers.Model(images, Layers.GlobalAveragePooling2D()(images)), path);
        string message = Assert
            .Throws<LaminaException>(() => Run.Train(Frozen("empty", path), cancellation: Token))
            .Message;
        Assert.Equal(
            $"{path}: the network has no weights, so it has nothing to start from. Name a network that was trained.",
            message
        );
        Assert.False(Directory.Exists(_folder["empty"]));
    }

    [Fact]
    public void Runs_of_before_there_was_a_choice_read_the_last_layer()
    {
        TransferSettings settings = StartingPoint.Resolve(Frozen("run", _network)).Transfer!;
        JsonObject transfer = settings.ToJson();
        Assert.Equal(TrunkFeatures.Stages, TransferSettings.FromJson(transfer).Features);
        Assert.True(transfer.Remove("features"));
        Assert.Equal(TrunkFeatures.Last, TransferSettings.FromJson(transfer).Features);
        transfer["features"] = "all";
        string message = Assert.Throws<ConfigException>(() => TransferSettings.FromJson(transfer)).Message;
        Assert.Contains("'features' is 'all'", message, Ordinal);
    }

    [Fact]
    public void Fine_tuning_carries_the_averages_of_lower_stages_and_resumes_to_the_same_bytes()
    {
        var observer = new Observer();
        RunResult whole = Run.Train(FineTuned("whole"), observer, Token);
        Assert.Equal(
            ["26", $"{(4 * 4 * 6) + 4 + 6}", $"{(8 * 8 * 4) + 4}"],
            observer
                .Messages.Where(m => m.StartsWith("frozen layers: their ", Ordinal))
                .Select(m => m.Split(' ')[3].Replace(",", "", Ordinal))
        );
        Assert.InRange(whole.Test!.Top1, 0.9, 1);
        Assert.True(Interrupted(o => Run.Train(FineTuned("run"), o, o.Token), epoch: 1));
        File.Delete(_network);
        Assert.True(Interrupted(o => Run.Resume(_folder["run"], observer: o, cancellation: o.Token)!, epoch: 3));
        Assert.False(Run.Resume(_folder["run"], cancellation: Token)!.IsInterrupted);
        Assert.Equal(Weights("whole"), Weights("run"));
    }

    [Fact]
    public void Stages_to_unfreeze_are_those_of_the_network_without_its_averages()
    {
        Session.Clear();
        ModelTrunk trunk = ModelTrunk.Of(ModelFile.Load(_network).Model);
        Assert.Equal(Names(trunk), Names(trunk.WithStages()));
        Assert.Equal(["block high top", "middle", "low"], Names(trunk));

        static IEnumerable<string> Names(ModelTrunk trunk)
        {
            Model model = trunk.WithHead(2, hidden: 4);
            trunk.Network.Layers.ToList().ForEach(l => l.Trainable = false);
            return TrunkStages
                .Of(model)
                .Select(s => string.Join(' ', s.Select(l => l.Name).Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public void Training_on_several_cached_values_is_training_the_whole_network()
    {
        Model one = Partial();
        FrozenTrunk trunk = FrozenTrunk.Of(one)!;
        // What the lowest trained layer reads, and averages of two stages below.
        Assert.Equal(
            ["(None, 4)", "(None, 4, 4, 6)", "(None, 6)"],
            trunk.Network.Outputs.Select(o => $"{o.Shape}").Order(StringComparer.Ordinal)
        );
        NDArray images = Images(12);
        IReadOnlyList<NDArray> values = trunk.Network.PredictAll([images]);
        Agree(one.Predict(images), trunk.Head.PredictAll(values)[0], 0);
        var labels = new NDArray(Shape.Of(12, 1), Enumerable.Range(0, 12).Select(i => (float)(i % 3)).ToArray());

        Model other = Partial();
        Fit(other, new Batch([images], [labels]));
        Fit(trunk.Head, new Batch(values, [labels]));
        Agree(other.Predict(images), trunk.Head.PredictAll(values)[0], 1e-5);
        trunk.CopyBack();
        Agree(other.Predict(images), one.Predict(images), 1e-5);

        Model Partial()
        {
            Session.Clear();
            Session.SetRandomSeed(9);
            ModelTrunk features = ModelTrunk.Of(ModelFile.Load(_network).Model).WithStages();
            Model model = features.WithHead(3, dropout: 0);
            features.Network.Layers.ToList().ForEach(l => l.Trainable = l.Name is "high" or "block" or "top");
            return model;
        }

        static void Fit(Model model, Batch batch)
        {
            model.Compile(new Sgd(0.05), "sparse_categorical_crossentropy");
            _ = model.Fit(new One(batch), epochs: 4, verbose: 0);
        }
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static int Width(Model model) =>
        model.Layers.OfType<BatchNormalization>().Single(l => l.Name == "head_norm").Weights[0].GetValues().Length;

    private static NDArray Images(int count)
    {
        var images = new NDArray(Shape.Of(count, 16, 16, 3));
        for (int i = 0; i < images.Values.Length; i++)
        {
            images.Values[i] = i * 31 % 255;
        }
        return images;
    }

    private static void Agree(NDArray expected, NDArray actual, double tolerance) =>
        Assert.All(
            expected.Values.ToArray().Zip(actual.Values.ToArray()),
            p => Assert.Equal(p.First, p.Second, tolerance)
        );

    private TrainOptions Frozen(string run, string network, TrunkFeatures features = TrunkFeatures.Stages)
    {
        Session.Clear();
        return new()
        {
            Data = _data,
            Output = _folder[run],
            Recipe = HeadRecipe.Get() with { Epochs = 2, Batch = 8 },
            Weights = new StartingWeights(network)
            {
                Freeze = ["backbone"],
                Preprocessing = "raw",
                Features = features,
            },
        };
    }

    private TrainOptions FineTuned(string run)
    {
        TrainOptions options = Frozen(run, _network);
        return options with
        {
            Recipe = HeadRecipe.FineTuning() with { Epochs = 6, Batch = 8 },
            Weights = options.Weights! with { FineTune = true },
        };
    }

    private static bool Interrupted(Func<Observer, RunResult> run, int epoch)
    {
        using var observer = new Observer { CancelIn = epoch };
        return run(observer).IsInterrupted;
    }

    private byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(_folder[run], "model", "weights.safetensors"));

    private JsonObject Transfer(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder[run], "run.json")))!["settings"]!["transfer"]!.AsObject();

    private string Recorded(string run) => Transfer(run)["features"]!.GetValue<string>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class One(Batch batch) : IBatchSource
    {
        public int Count => batch.Count;

        public int BatchSize => batch.Count;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0) => skip == 0 ? [batch] : [];
    }

    private sealed class Observer : RunObserver, IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public int? CancelIn { get; init; }

        public List<string> Messages { get; } = [];

        public IReadOnlyList<string> Notes { get; private set; } = [];

        public CancellationToken Token => _source.Token;

        public override void OnStarted(RunStart start) => Notes = start.WeightNotes;

        public override void OnMessage(string message) => Messages.Add(message);

        public override void OnTrainBatchEnd(BatchLog log)
        {
            if (log.Epoch == CancelIn)
            {
                _source.Cancel();
            }
        }

        public void Dispose() => _source.Dispose();
    }
}
