using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Data;

/// <summary>The forms of data that Fit, Evaluate and single steps accept.</summary>
public sealed class FitDataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-fit-data-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Arrays_by_position_by_name_and_as_a_source_train_alike()
    {
        (NDArray[] x, NDArray[] y) = Data(12);
        float[] byPosition = Trained(m => Fit(m, x, y));
        Assert.Equal(byPosition, Trained(m => Fit(m, [x[0], x[1]], [y[0], y[1]])));
        Assert.Equal(
            byPosition,
            Trained(m =>
                Fit(
                    m,
                    new Dictionary<string, NDArray> { ["right"] = x[1], ["left"] = x[0] },
                    new Dictionary<string, NDArray> { ["score"] = y[1], ["kind"] = y[0] }
                )
            )
        );
        Assert.Equal(byPosition, Trained(m => m.Fit(new ArraySource(x, y, 4), 2, verbose: 0, cancellation: Token)));
        Assert.Equal(byPosition, Trained(m => m.Fit(Batches(x, y, 4).ToArray(), 2, verbose: 0, cancellation: Token)));

        static History Fit(Model model, ArrayGroup x, ArrayGroup y) =>
            model.Fit(x, y, 4, 2, shuffle: false, verbose: 0, cancellation: Token);
    }

    [Fact]
    public void A_split_is_the_last_samples_and_not_trained_on()
    {
        (NDArray[] x, NDArray[] y) = Data(12);
        NDArray[] first = [.. x.Select(a => a.Samples(0, 9))];
        NDArray[] firstY = [.. y.Select(a => a.Samples(0, 9))];
        NDArray[] last = [.. x.Select(a => a.Samples(9, 3))];
        NDArray[] lastY = [.. y.Select(a => a.Samples(9, 3))];
        Model split = Compiled();
        History history = split.Fit(x, y, 4, 2, validationSplit: 0.25, verbose: 0, cancellation: Token);
        Model given = Compiled();
        History other = given.Fit(first, firstY, 4, 2, validationData: (last, lastY), verbose: 0, cancellation: Token);
        Assert.Equal(TinyModels.Bytes(given), TinyModels.Bytes(split));
        Assert.Equal(other.Epochs[^1].Logs, history.Epochs[^1].Logs);
        Assert.Equal(split.Evaluate(last, lastY, 4)["loss"], history.Epochs[^1].Logs["val_loss"], 1e-12);
    }

    [Fact]
    public void Steps_per_epoch_continue_through_the_data()
    {
        (NDArray[] x, NDArray[] y) = Data(12);
        // Two epochs of three batches each, from three epochs of two steps: the same steps.
        float[] whole = Trained(m => m.Fit(x, y, 4, 2, verbose: 0, cancellation: Token));
        float[] inSteps = Trained(m => m.Fit(x, y, 4, 3, stepsPerEpoch: 2, verbose: 0, cancellation: Token));
        Assert.Equal(whole, inSteps);
        // An endless sequence.
        int asked = 0;
        IEnumerable<Batch> Endless()
        {
            while (true)
            {
                foreach (Batch batch in new ArraySource(x, y, 4).Batches(0))
                {
                    asked++;
                    yield return batch;
                }
            }
        }
        float[] ordered = Trained(m => m.Fit(x, y, 4, 2, shuffle: false, verbose: 0, cancellation: Token));
        History? history = null;
        float[] endless = Trained(m =>
            history = m.Fit(Endless(), 3, stepsPerEpoch: 2, verbose: 0, cancellation: Token)
        );
        Assert.Equal(ordered, endless);
        Assert.Equal((6, 3), (asked, history!.Epochs.Count));
    }

    [Theory]
    [InlineData("source")]
    [InlineData("sequence")]
    [InlineData("whole sequence")]
    public void A_stopped_run_of_steps_goes_on_to_the_same_bytes(string kind)
    {
        float[] whole = Run("whole", null)!;
        foreach (int stop in (int[])[1, 3, 4])
        {
            Assert.Null(Run($"at {stop}", stop));
            Assert.Equal(whole, Run($"at {stop}", null));
        }

        float[]? Run(string name, int? stopAt)
        {
            (NDArray[] x, NDArray[] y) = Data(12);
            Model model = Compiled();
            using var source = new CancellationTokenSource();
            int steps = 0;
            IReadOnlyList<Callback> callbacks =
            [
                new LambdaCallback(onTrainBatchEnd: _ =>
                {
                    if (++steps == stopAt)
                    {
                        source.Cancel();
                    }
                }),
                new BackupAndRestore(Path.Combine(_root, $"{kind} {name}")),
            ];
            History history = kind switch
            {
                "source" => model.Fit(
                    new ArraySource(x, y, 4, shuffle: true),
                    3,
                    callbacks: callbacks,
                    verbose: 0,
                    stepsPerEpoch: 2,
                    cancellation: source.Token
                ),
                "sequence" => model.Fit(
                    Batches(x, y, 3).Concat(Batches(x, y, 3)),
                    3,
                    callbacks: callbacks,
                    verbose: 0,
                    stepsPerEpoch: 2,
                    cancellation: source.Token
                ),
                _ => model.Fit(Batches(x, y, 6), 3, callbacks: callbacks, verbose: 0, cancellation: source.Token),
            };
            return history.Cancelled ? null : TinyModels.Bytes(model);
        }
    }

    [Fact]
    public void Validation_may_be_rare()
    {
        (NDArray[] x, NDArray[] y) = Data(8);
        Model model = Compiled();
        History history = model.Fit(
            x,
            y,
            4,
            4,
            validationSplit: 0.5,
            validationFrequency: 2,
            callbacks: [new EarlyStopping("val_loss", patience: 5), new ReduceLROnPlateau("val_loss")],
            verbose: 0,
            cancellation: Token
        );
        Assert.Equal([false, true, false, true], history.Epochs.Select(e => e.Logs.ContainsKey("val_loss")));
    }

    [Fact]
    public void Class_weights_are_sample_weights()
    {
        (NDArray x, NDArray y) = TinyModels.Data(9);
        Dictionary<int, double> classes = new() { [0] = 3, [2] = 0.5 };
        var weights = new NDArray(
            [9],
            (float[])
                [
                    .. y
                        .Values.ToArray()
                        .Select(l =>
                            l == 0 ? 3
                            : l == 1 ? 1
                            : 0.5f
                        ),
                ]
        );
        Model byClass = TinyModels.Network(2);
        byClass.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        Model bySample = TinyModels.Network(2);
        bySample.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        byClass.Fit(x, y, 4, 2, classWeight: classes, verbose: 0, cancellation: Token);
        bySample.Fit(x, y, 4, 2, sampleWeight: weights, verbose: 0, cancellation: Token);
        Assert.Equal(TinyModels.Bytes(bySample), TinyModels.Bytes(byClass));
        Assert.Equal(
            bySample.TrainOnBatch(x, y, sampleWeight: weights)["loss"],
            byClass.TrainOnBatch(x, y, classWeight: classes)["loss"]
        );
    }

    [Fact]
    public void A_weight_of_two_is_a_sample_twice()
    {
        (NDArray x, NDArray y) = TinyModels.Data(4);
        foreach (string loss in (string[])["sparse_categorical_crossentropy", "mae"])
        {
            NDArray target = loss == "mae" ? new NDArray([4, 3]) : y;
            Model weighted = TinyModels.Network(2);
            weighted.Compile(new Sgd(0.1), loss);
            double w = weighted.TestOnBatch(x, target, new NDArray([4, 1], (float[])[2, 0, 0, 2]))["loss"];
            double a = weighted.TestOnBatch(x.Samples(0, 1), target.Samples(0, 1))["loss"];
            double b = weighted.TestOnBatch(x.Samples(3, 1), target.Samples(3, 1))["loss"];
            Assert.Equal((a + b) / 2, w, 1e-6);
        }
    }

    [Fact]
    public void Several_outputs_have_weights_and_validation_losses_of_their_own()
    {
        (NDArray[] x, NDArray[] y) = Data(8);
        Model model = TwoTowers();
        model.Compile(
            "adam",
            namedLosses: new() { ["kind"] = "sparse_categorical_crossentropy", ["score"] = "mse" },
            metrics: new() { ["kind"] = ["accuracy"] },
            validationLosses: new() { ["score"] = "mae" }
        );
        History history = model.Fit(
            x,
            y,
            4,
            validationData: (x, y),
            sampleWeight: new Dictionary<string, NDArray> { ["score"] = new NDArray([8]) },
            verbose: 0,
            cancellation: Token
        );
        IReadOnlyDictionary<string, double> logs = history.Epochs[0].Logs;
        Assert.Equal(0, logs["score_loss"]);
        Assert.True(logs["kind_loss"] > 0 && logs["val_score_loss"] > 0);
        model.Compile(new Sgd(0), ["sparse_categorical_crossentropy", "mae"]);
        IReadOnlyDictionary<string, double> evaluated = model.Evaluate(x, y, 4);
        Assert.Equal(evaluated["score_loss"], logs["val_score_loss"], 1e-6);
        Assert.Equal(evaluated["kind_loss"], logs["val_kind_loss"], 1e-6);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        (NDArray[] x, NDArray[] y) = Data(8);
        Model model = Compiled();
        Refused("no input 'middle'", () => Fit(new Dictionary<string, NDArray> { ["middle"] = x[0] }, y));
        Refused("no array for the input 'right'", () => Fit(new Dictionary<string, NDArray> { ["left"] = x[0] }, y));
        Refused(
            "no trained output 'other'",
            () => Fit(x, new Dictionary<string, NDArray> { ["kind"] = y[0], ["other"] = y[1] })
        );
        Refused("needs 2 arrays for its trained outputs (kind, score), got 1", () => Fit(x, y[0]));
        Refused("do not match 8 samples", () => Fit(x, y, new NDArray([7])));
        Refused("3 arrays of sample weights", () => Fit(x, y, (NDArray[])[new([8]), new([8]), new([8])]));
        Refused("must be finite", () => Fit(x, y, new NDArray([8], (float[])[1, 1, 1, float.NaN, 1, 1, 1, 1])));
        Refused(
            "classWeight needs one target",
            () => model.Fit(x, y, classWeight: new Dictionary<int, double>(), verbose: 0)
        );
        Refused("leaves none for training", () => model.Fit(x, y, validationSplit: 0.99, verbose: 0));
        Refused("one of validation", () => model.Fit(x, y, validationSplit: 0.5, validationData: (x, y), verbose: 0));
        Refused("ended after 2 steps", () => model.Fit(Batches(x, y, 4), 2, stepsPerEpoch: 2, verbose: 0));
        Refused(
            "validationLosses are for kind",
            () => model.Compile("sgd", losses: ["mse", "mse"], validationLosses: ["mse", null])
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            model.Fit(x, y, validationSplit: 1.5, verbose: 0, cancellation: Token)
        );
        Assert.Contains(
            "'adma' is not an optimizer",
            Assert.Throws<ArgumentException>(() => model.Compile("adma", ["mse", "mse"])).Message,
            StringComparison.Ordinal
        );

        void Fit(ArrayGroup inputs, ArrayGroup targets, ArrayGroup? weights = null) =>
            model.Fit(inputs, targets, sampleWeight: weights, verbose: 0);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Refused(string part, Action act)
    {
        string message = Assert.Throws<LaminaException>(act).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static float[] Trained(Func<Model, History> fit)
    {
        Model model = Compiled();
        fit(model);
        return TinyModels.Bytes(model);
    }

    private static Model Compiled()
    {
        Model model = TwoTowers();
        model.Compile(new Sgd(0.1, momentum: 0.9), ["sparse_categorical_crossentropy", "mse"]);
        return model;
    }

    private static Model TwoTowers()
    {
        Session.SetRandomSeed(3);
        Symbol left = Input(Shape.Of(3), name: "left");
        Symbol right = Input(Shape.Of(2), name: "right");
        Symbol both = Concatenate()(Dense(4, activation: "tanh")(left), Dense(4, activation: "tanh")(right));
        return Model(
            [left, right],
            [Dense(3, activation: "softmax", name: "kind")(both), Dense(1, name: "score")(both)]
        );
    }

    private static IEnumerable<Batch> Batches(NDArray[] x, NDArray[] y, int size) =>
        new ArraySource(x, y, size).Batches(0);

    private static (NDArray[] X, NDArray[] Y) Data(int samples)
    {
        var random = new RandomStream(4, RandomPurpose.User);
        NDArray[] x = [new([samples, 3]), new([samples, 2])];
        NDArray[] y = [new([samples]), new([samples, 1])];
        for (int i = 0; i < samples; i++)
        {
            for (int c = 0; c < 5; c++)
            {
                (c < 3 ? x[0] : x[1])[i, c < 3 ? c : c - 3] = (2 * random.NextSingle()) - 1;
            }
            y[0][i] = i % 3;
            y[1][i, 0] = x[0][i, 0] - x[1][i, 1];
        }
        return (x, y);
    }
}
