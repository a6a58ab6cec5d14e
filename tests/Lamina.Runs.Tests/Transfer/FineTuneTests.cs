using System.Text.Json.Nodes;
using Lamina.Runs.Transfer;
using static Lamina.Layers;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>Fine-tuning: the head, then the trunk stage by stage from the top.</summary>
public sealed class FineTuneTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _data;
    private readonly string _network;

    public FineTuneTests()
    {
        _data = _folder.WriteImages("data", perClass: 40);
        _network = FeatureNetwork.Write(_folder["network.lamina"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Stages_are_unfrozen_from_the_top_and_batch_normalization_stays_as_it_was()
    {
        var observer = new Observer();
        RunResult result = Run.Train(Options("run"), observer, Token);
        Assert.Equal(
            ["unfrozen: shapes; learning rate 0.001", "unfrozen: threshold; learning rate 0.001"],
            observer.Messages.Where(m => m.StartsWith("unfrozen", StringComparison.Ordinal))
        );
        Model before = ModelFile.Load(_network).Model;
        foreach (Layer layer in before.Layers.Where(l => l.Weights.Count > 0))
        {
            Layer after = result.Model.GetLayer(layer.Name);
            bool isSame = layer.Weights[0].GetValues().SequenceEqual(after.Weights[0].GetValues());
            Assert.Equal(layer is BatchNormalization, isSame);
        }
        // A tenth of 64 training images decides when to stop; the test images do not.
        Assert.Equal(58, observer.TrainImages);
        Assert.InRange(result.Test!.Top1, 0.9, 1);
        Assert.Equal(Enumerable.Range(0, result.History.Epochs.Count), result.History.Epochs.Select(e => e.Epoch));
        string[] left = [.. Directory.GetFileSystemEntries(_folder["run"]).Select(p => Path.GetFileName(p)!)];
        Assert.DoesNotContain(left, n => n is "features" or "start" || n.StartsWith("best-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_is_canceled_in_every_phase_resumes_to_the_same_bytes()
    {
        _ = Run.Train(Options("whole"), new Observer(), Token);
        Assert.True(Canceled(o => Run.Train(Options("run"), o, o.Token), epoch: 1));
        File.Delete(_network);
        foreach ((int? epoch, bool amongFeatures) in ((int?, bool)[])[(null, true), (2, false), (5, false)])
        {
            Assert.True(
                Canceled(o => Run.Resume(_folder["run"], observer: o, cancellation: o.Token)!, epoch, amongFeatures)
            );
        }
        Assert.False(Run.Resume(_folder["run"], cancellation: Token)!.IsInterrupted);
        Assert.Equal(Weights("whole"), Weights("run"));
    }

    [Fact]
    public void A_phase_that_does_not_improve_ends_early_with_its_best_weights()
    {
        TrainOptions options = Options("run");
        options = options with
        {
            Recipe = options.Recipe with { Epochs = 12 },
            // Too small to change a weight: no epoch is better than the first of its phase.
            Weights = options.Weights! with
            {
                UnfreezeRate = 1e-12,
            },
        };
        RunResult result = Run.Train(options, cancellation: Token);
        // Two of the head, and of five in each stage one and two more.
        Assert.True(
            result.History.Epochs.Count == 8,
            string.Join(' ', result.History.Epochs.Select(e => e.Logs["val_loss"]))
        );
        Assert.Equal(Enumerable.Range(0, result.History.Epochs.Count), result.History.Epochs.Select(e => e.Epoch));
    }

    [Fact]
    public void Fine_tuning_freezes_and_unfreezes_by_itself()
    {
        TrainOptions options = Options("run");
        foreach (
            StartingWeights weights in (StartingWeights[])
                [options.Weights! with { Freeze = ["shapes"] }, options.Weights! with { UnfreezeAfter = 1 }]
        )
        {
            LaminaException error = Assert.Throws<LaminaException>(() =>
                Run.Train(options with { Weights = weights }, cancellation: Token)
            );
            Assert.StartsWith("fine-tuning: ", error.Message, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void Stages_begin_where_one_value_is_passed_on_and_images_shrink()
    {
        Session.Clear();
        Symbol x = Input(16, 16, 3);
        Symbol input = x;
        x = Conv2D(4, 3, padding: "same", name: "stem")(x);
        x = Block(Block(x, 4, 1, "a"), 4, 1, "b");
        x = Block(Block(x, 8, 2, "c"), 8, 1, "d");
        x = Dense(3, "softmax", name: "head")(GlobalAveragePooling2D()(x));
        var model = new Model([input], [x]);
        model.Freeze("backbone");
        Assert.Equal(
            ["c1 c2 c3 d1 d2", "a1 a2 b1 b2 stem"],
            TrunkStages.Of(model).Select(s => string.Join(' ', s.Select(l => l.Name).Order(StringComparer.Ordinal)))
        );

        static Symbol Block(Symbol x, int filters, int strides, string name)
        {
            Symbol y = Conv2D(filters, 3, strides, "same", activation: "relu", name: name + "1")(x);
            y = BatchNormalization()(Conv2D(filters, 3, padding: "same", name: name + "2")(y));
            return Add()(y, strides == 1 ? x : Conv2D(filters, 1, strides, name: name + "3")(x));
        }
    }

    private TrainOptions Options(string run)
    {
        Session.Clear();
        return new()
        {
            Data = _data,
            Output = _folder[run],
            Recipe = HeadRecipe.FineTuning() with
            {
                Epochs = 6,
                Batch = 8,
                Optimizer = new JsonObject { ["name"] = "adam", ["learning_rate"] = 0.01 },
            },
            Weights = new StartingWeights(_network)
            {
                Freeze = ["backbone"],
                Preprocessing = "raw",
                FineTune = true,
            },
        };
    }

    private static bool Canceled(Func<Observer, RunResult> run, int? epoch, bool amongFeatures = false)
    {
        using var observer = new Observer { CancelIn = epoch, CancelsFeatures = amongFeatures };
        return run(observer).IsInterrupted;
    }

    private byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(_folder[run], "model", "weights.safetensors"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class Observer : RunObserver, IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public int? CancelIn { get; init; }

        public bool CancelsFeatures { get; init; }

        public List<string> Messages { get; } = [];

        public int TrainImages { get; private set; }

        public CancellationToken Token => _source.Token;

        public override void OnStarted(RunStart start) => TrainImages = start.TrainImages;

        public override void OnMessage(string message) => Messages.Add(message);

        public override void OnFeatureProgress(FeatureProgress progress)
        {
            if (CancelsFeatures)
            {
                _source.Cancel();
            }
        }

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
