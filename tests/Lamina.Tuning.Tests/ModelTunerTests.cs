using static Lamina.Layers;

// Models count layer names in the process's session and share two cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Lamina.Tuning.Tests;

/// <summary>Searches over Fit.</summary>
public sealed class ModelTunerTests : IDisposable
{
    private const int Samples = 96;
    private readonly TempFolder _folder = new();
    private readonly NDArray _x = new([Samples, 4]);
    private readonly NDArray _y = new([Samples]);

    public ModelTunerTests()
    {
        var random = new RandomStream(3, RandomPurpose.User);
        for (int i = 0; i < Samples; i++)
        {
            float sum = 0;
            foreach (ref float value in _x.Values.Slice(i * 4, 4))
            {
                value = (float)random.NextNormal();
                sum += value;
            }
            _y.Values[i] = sum > 0 ? 1 : 0;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_model_is_that_of_the_best_trial()
    {
        var tuner = new ModelTuner(Build, Options("search", SearchPlan.Hyperband(4, eta: 2)));
        TuningResult result = Search(tuner);
        Assert.Equal(["units", "lr", "dropout"], result.Parameters);
        Assert.Equal(10, result.Trials.Count);
        // A learning rate of 1e30 is not trained to the end.
        Assert.All(result.Trials.Where(t => (double)t.Values["lr"] > 1e6), t => Assert.NotNull(t.Failure));
        Assert.Contains(result.Trials, t => t.Failure?.StartsWith("The loss became", StringComparison.Ordinal) == true);

        Trial best = result.Best!;
        Assert.Equal((int)best.Values["units"], tuner.BestModel().Layers[1].Output.Shape[1]);
        // The same model, trained without a search, rung or resumption, has the same weights.
        Model alone;
        using (Session.BeginScope(0))
        {
            alone = Build(new HyperParameters(best.Values));
        }
        History history = alone.Fit(
            _x,
            _y,
            16,
            best.Epochs,
            validationSplit: 0.25,
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(history.Epochs[^1].Logs["val_loss"], best.Score);
        Assert.Equal(
            alone.Weights.Select(w => w.GetValues().AsSpan().ToArray()),
            tuner.BestModel().Weights.Select(w => w.GetValues().AsSpan().ToArray())
        );
    }

    [Fact]
    public void A_trial_that_is_interrupted_goes_on_within_an_epoch()
    {
        TuningOptions options = Options("parts", SearchPlan.Random(3, 3));
        string expected = Search(new ModelTuner(Build, Options("whole", SearchPlan.Random(3, 3)))).ToString();
        int starts = 0;
        TuningResult result;
        do
        {
            using var stop = new CancellationTokenSource();
            int steps = 0;
            var callback = new LambdaCallback(onTrainBatchEnd: _ =>
            {
                if (++steps == 7)
                {
                    stop.Cancel();
                }
            });
            result = new ModelTuner(Build, options).Search(
                fit =>
                    fit.Model.Fit(
                        _x,
                        _y,
                        16,
                        fit.Epochs,
                        callbacks: [.. fit.Callbacks, callback],
                        verbose: 0,
                        validationSplit: 0.25,
                        cancellation: fit.Cancellation
                    ),
                cancellation: stop.Token
            );
        } while (result.IsInterrupted && ++starts < 20);
        Assert.InRange(starts, 2, 10);
        Assert.Equal(expected, result.ToString());
    }

    [Fact]
    public void Programs_that_cannot_be_searched_are_told_why()
    {
        var fixedModel = new ModelTuner(_ => Build(new HyperParameters(0, 1, 0)), Options("a", SearchPlan.Random(2)));
        Assert.Contains(
            "no hyperparameter was asked for",
            Assert.ThrowsAny<LaminaException>(() => Search(fixedModel)).Message,
            StringComparison.Ordinal
        );
        var tuner = new ModelTuner(Build, Options("b", SearchPlan.Random(10)) with { Objective = "val_auc" });
        Assert.StartsWith(
            "The search optimizes 'val_auc', but the logs contain 'loss', 'accuracy', 'val_loss', 'val_accuracy'.",
            Assert.ThrowsAny<LaminaException>(() => Search(tuner)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Call Search first",
            Assert
                .ThrowsAny<LaminaException>(() => new ModelTuner(Build, Options("c", SearchPlan.Random(2))).BestModel())
                .Message,
            StringComparison.Ordinal
        );
    }

    private TuningResult Search(ModelTuner tuner) =>
        tuner.Search(_x, _y, batchSize: 16, validationSplit: 0.25, cancellation: TestContext.Current.CancellationToken);

    private TuningOptions Options(string name, SearchPlan plan) =>
        new()
        {
            Plan = plan,
            Folder = _folder[name],
            Objective = "val_loss",
        };

    private static Model Build(HyperParameters hp)
    {
        Symbol input = Input(4);
        Symbol x = Dense(hp.Int("units", 2, 8), activation: "relu")(input);
        double rate = hp.Float("lr", 1e-3, 1e30, sampling: "log");
        Model model = Model(input, Dense(2, activation: "softmax")(Dropout(hp.Float("dropout", 0, 0.5))(x)));
        model.Compile(new Sgd(rate > 1 && rate < 1e6 ? 0.1 : rate), "sparse_categorical_crossentropy", ["accuracy"]);
        return model;
    }
}
