using Extending;
using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>Metrics of a program's own.</summary>
public sealed class CustomMetricTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-metric-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void F1_is_that_of_the_counts()
    {
        var f1 = new F1(positive: 1);
        Assert.Equal(0, f1.Result);
        // Predicted 1, 1, 0, 0 and 1; true 1, 0, 1, 0 and 1: two hits, one false alarm, one miss.
        f1.Update(
            new NDArray([3, 2], (float[])[0.1f, 0.9f, 0.2f, 0.8f, 0.7f, 0.3f]),
            new NDArray([3], (float[])[1, 0, 1])
        );
        f1.Update(new NDArray([2, 2], (float[])[0.6f, 0.4f, 0.4f, 0.6f]), new NDArray([2, 1], (float[])[0, 1]));
        Assert.Equal(2.0 * 2 / ((2 * 2) + 1 + 1), f1.Result, 1e-12);
        f1.Reset();
        Assert.Equal(0, f1.Result);
    }

    [Fact]
    public void It_sees_probabilities_though_the_loss_reads_logits()
    {
        (NDArray x, NDArray y) = TinyModels.Data(7);
        Model model = TinyModels.Network(4);
        var sums = new RowSums();
        model.Compile(new Sgd(0.01), "sparse_categorical_crossentropy", ["accuracy", sums]);
        IReadOnlyDictionary<string, double> values = model.Evaluate(x, y, 3);
        Assert.Equal(1, values["row_sums"], 1e-6);
        Assert.True(values.ContainsKey("accuracy"));
        // An evaluation accumulates in a copy.
        Assert.Equal(0, sums.Result);
        Assert.Equal(1, model.TrainOnBatch(x, y)["row_sums"], 1e-6);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("portable")]
    public void Its_sums_survive_a_stop_in_the_middle_of_an_epoch(string device)
    {
        (NDArray x, NDArray y) = Stripes.Make(40);
        double[] whole = Run("whole", stopAt: null)!;
        Assert.Null(Run("stopped", stopAt: 6));
        Assert.Equal(whole, Run("stopped", stopAt: null));
        Assert.True(whole[^1] > 0);

        double[]? Run(string name, int? stopAt)
        {
            Model model = Network();
            model.Compile(
                new SignMomentum(0.003),
                "sparse_categorical_crossentropy",
                ["accuracy", new F1()],
                device: Device.Parse(device)
            );
            using var source = new CancellationTokenSource();
            int steps = 0;
            History history = model.Fit(
                x,
                y,
                8,
                3,
                callbacks:
                [
                    new LambdaCallback(onTrainBatchEnd: _ =>
                    {
                        if (++steps == stopAt)
                        {
                            source.Cancel();
                        }
                    }),
                    new BackupAndRestore(Path.Combine(_root, name)),
                ],
                verbose: 0,
                cancellation: source.Token
            );
            return history.Cancelled ? null : [.. history.Epochs.Select(e => e.Logs["f1"])];
        }
    }

    private static Model Network()
    {
        Session.SetRandomSeed(2);
        Initializers.Register<LecunNormal>();
        Symbol input = Layers.Input(8, 8, 1);
        Symbol x = Layers.Conv2D(4, 3, activation: "relu", kernelInitializer: new LecunNormal())(input);
        return Layers.Model(input, Layers.Dense(2, activation: "softmax")(Layers.Flatten()(x)));
    }

    private sealed class RowSums() : MeanMetric("row_sums")
    {
        public override Symbol Call(Symbol target, Symbol output) => Ops.Sum(output, [-1]);
    }
}
