using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Models with several outputs: a loss, a weight and metrics for each.</summary>
public sealed class SeveralOutputsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-outputs-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_gradient_is_the_weighted_sum_of_those_of_each_loss()
    {
        (NDArray x, NDArray labels, NDArray values) = Data();
        Model both = TwoHeads();
        both.Compile(
            new Sgd(1),
            namedLosses: new() { ["main"] = "sparse_categorical_crossentropy", ["side"] = "mse" },
            lossWeights: new() { ["side"] = 0.3 }
        );
        IReadOnlyDictionary<string, double> logs = both.TrainOnBatch(new Batch([x], [labels, values]));
        Model main = TwoHeads();
        main.Compile(new Sgd(1), losses: ["sparse_categorical_crossentropy", null]);
        double mainLoss = main.TrainOnBatch(x, labels)["loss"];
        Model side = TwoHeads();
        side.Compile(new Sgd(1), namedLosses: new() { ["side"] = "mse" });
        double sideLoss = side.TrainOnBatch(x, values)["loss"];

        Assert.Equal(mainLoss, logs["main_loss"], 1e-6);
        Assert.Equal(sideLoss, logs["side_loss"], 1e-6);
        Assert.Equal(mainLoss + (0.3 * sideLoss), logs["loss"], 1e-6);
        Model start = TwoHeads();
        for (int w = 0; w < start.Weights.Count; w++)
        {
            float[] before = start.Weights[w].GetValues();
            float[] a = main.Weights[w].GetValues();
            float[] b = side.Weights[w].GetValues();
            TinyModels.AssertNear(
                [.. before.Select((v, i) => v + ((double)a[i] - v) + (0.3 * ((double)b[i] - v)))],
                both.Weights[w],
                1e-5
            );
        }
    }

    [Fact]
    public void Fit_and_Evaluate_log_each_output_by_name()
    {
        (NDArray x, NDArray labels, NDArray values) = Data();
        Model model = TwoHeads();
        using CompiledModel compiled = model.Compile(
            new Adam(0.01),
            ["sparse_categorical_crossentropy", "mse"],
            [1, 0.5],
            [
                ["accuracy"],
                null,
            ]
        );
        var source = new ArraySource([x], [labels, values], 4, shuffle: true, seed: 1);
        History history = model.Fit(
            source,
            6,
            validation: source,
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken
        );
        IReadOnlyDictionary<string, double> first = history.Epochs[0].Logs;
        IReadOnlyDictionary<string, double> last = history.Epochs[^1].Logs;
        Assert.Equal(
            [
                "loss",
                "main_loss",
                "side_loss",
                "main_accuracy",
                "val_loss",
                "val_main_loss",
                "val_side_loss",
                "val_main_accuracy",
            ],
            last.Keys
        );
        Assert.True(last["main_loss"] < first["main_loss"] && last["side_loss"] < first["side_loss"]);
        IReadOnlyDictionary<string, double> evaluated = model.Evaluate(source);
        Assert.Equal(last["val_loss"], evaluated["loss"]);
        Assert.Equal(evaluated["main_loss"] + (0.5 * evaluated["side_loss"]), evaluated["loss"], 1e-9);
        Assert.Equal(2, compiled.Losses.Count);
    }

    [Fact]
    public void A_stopped_run_goes_on_to_the_same_bytes_and_logs()
    {
        (float[] Weights, string Logs) whole = Run("whole", stopAt: null)!.Value;
        Assert.Null(Run("stopped", stopAt: 4));
        (float[] Weights, string Logs) resumed = Run("stopped", stopAt: null)!.Value;
        Assert.Equal(whole.Weights, resumed.Weights);
        Assert.Equal(whole.Logs, resumed.Logs);
    }

    [Fact]
    public void Two_losses_of_a_programs_own_share_a_plan()
    {
        (NDArray x, NDArray labels, NDArray values) = Data();
        Model inOps = TwoHeads();
        inOps.Compile(new Sgd(0.1), [new Halved("sparse_categorical_crossentropy"), new Halved("mse")], [2, 2]);
        Model fused = TwoHeads();
        fused.Compile(new Sgd(0.1), ["sparse_categorical_crossentropy", "mse"]);
        var batch = new Batch([x], [labels, values]);
        for (int step = 0; step < 3; step++)
        {
            Assert.Equal(fused.TrainOnBatch(batch)["loss"], inOps.TrainOnBatch(batch)["loss"], 1e-5);
        }
        for (int w = 0; w < fused.Weights.Count; w++)
        {
            TinyModels.AssertNear([.. fused.Weights[w].GetValues().Select(v => (double)v)], inOps.Weights[w], 1e-5);
        }
    }

    [Fact]
    public void What_does_not_fit_the_outputs_is_refused()
    {
        (NDArray x, NDArray labels, NDArray values) = Data();
        Model model = TwoHeads();
        Refused("has 2 outputs: main, side", () => model.Compile(new Sgd(), "mse"));
        Refused("no output 'other'", () => model.Compile(new Sgd(), namedLosses: new() { ["other"] = "mse" }));
        Refused("got 1 losses", () => model.Compile(new Sgd(), losses: ["mse"]));
        Refused("no output has a loss", () => model.Compile(new Sgd(), losses: [null, null]));
        Refused("weight of side is NaN", () => model.Compile(new Sgd(), ["mse", "mse"], [1, double.NaN]));
        Refused(
            "the metric accuracy belongs to an output without a loss",
            () => model.Compile(new Sgd(), ["mse", null], metrics: [null, ["accuracy"]])
        );
        model.Compile(new Sgd(), ["sparse_categorical_crossentropy", "mse"]);
        Refused("needs 2 arrays for its trained outputs (main, side), got 1", () => model.TrainOnBatch(x, labels));
        Refused("needs 2 targets per batch, got 1", () => model.TrainOnBatch(new Batch(x, labels)));
        _ = values;
    }

    private static void Refused(string part, Action act) =>
        Assert.Contains(part, Assert.Throws<LaminaException>(act).Message, StringComparison.Ordinal);

    private (float[] Weights, string Logs)? Run(string name, int? stopAt)
    {
        (NDArray x, NDArray labels, NDArray values) = Data();
        Model model = TwoHeads();
        model.Compile(
            new Sgd(0.05, momentum: 0.9),
            ["sparse_categorical_crossentropy", new Halved("mse")],
            metrics:
            [
                ["accuracy"],
                null,
            ]
        );
        using var source = new CancellationTokenSource();
        int steps = 0;
        var stopper = new LambdaCallback(onTrainBatchEnd: _ =>
        {
            if (++steps == stopAt)
            {
                source.Cancel();
            }
        });
        History history = model.Fit(
            new ArraySource([x], [labels, values], 4, shuffle: true),
            3,
            callbacks: [stopper, new BackupAndRestore(Path.Combine(_root, name))],
            verbose: 0,
            cancellation: source.Token
        );
        return history.Cancelled
            ? null
            : (
                TinyModels.Bytes(model),
                string.Join(';', history.Epochs.SelectMany(e => e.Logs).Select(l => $"{l.Key} {l.Value:R}"))
            );
    }

    private static Model TwoHeads()
    {
        Session.SetRandomSeed(8);
        Symbol input = Input(6, 6, 2);
        Symbol x = Dense(6, activation: "tanh", name: "hidden")(Flatten()(input));
        return Model([input], [Dense(3, activation: "softmax", name: "main")(x), Dense(2, name: "side")(x)]);
    }

    private static (NDArray X, NDArray Labels, NDArray Values) Data()
    {
        (NDArray x, NDArray y) = TinyModels.Data(10);
        var values = new NDArray([10, 2]);
        for (int i = 0; i < 10; i++)
        {
            values[i, 0] = x[i, 0, 0, 0];
            values[i, 1] = y.Values[i] - 1;
        }
        return (x, y, values);
    }

    private sealed class Halved(Lamina.Loss loss) : Lamina.Loss("halved")
    {
        public override Symbol Call(Symbol target, Symbol output) => 0.5 * loss.Call(target, output);
    }
}
