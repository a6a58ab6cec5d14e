using Extending;
using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training.Metrics;

/// <summary>Metrics where shapes, names or states are unusual.</summary>
public sealed class MetricTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-metrics-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Keras reports how often a target equals 0 or 1 as the output does: never, for values between.
    [Fact]
    public void The_accuracy_of_one_unit_is_binary()
    {
        Model model = TinyModels.Line(1, 0, 0);
        model.Compile(new Sgd(0), "mse", ["accuracy"]);
        var x = new NDArray([4, 2], (float[])[0.9f, 0, 0.1f, 0, 0.8f, 0, 0.2f, 0]);
        Assert.Equal(0, model.TestOnBatch(x, new NDArray([4, 1], (float[])[0.3f, 1.7f, -2, 0.5f]))["accuracy"]);
        Assert.Equal(0.75, model.TestOnBatch(x, new NDArray([4, 1], (float[])[1, 0, 1, 1]))["accuracy"]);
    }

    [Fact]
    public void A_softmax_of_one_unit_is_compared_as_probability()
    {
        Symbol input = Input(2);
        Model model = Model(input, Dense(1, activation: "softmax")(input));
        model.Weights[0].SetValues([1, 0]);
        model.Compile(new Sgd(0), "categorical_crossentropy", ["accuracy"]);
        var x = new NDArray([2, 2], (float[])[-3, 0, -4, 0]);
        Assert.Equal(0.5, model.TestOnBatch(x, new NDArray([2, 1], (float[])[1, 0]))["accuracy"]);
    }

    [Fact]
    public void Counts_of_classes_are_a_matrix()
    {
        var counts = new ConfusionCounts();
        counts.Update(
            new NDArray([3, 3], (float[])[0.1f, 0.7f, 0.2f, 0.6f, 0.3f, 0.1f, 0.2f, 0.2f, 0.6f]),
            new NDArray([3], (float[])[1, 2, 2])
        );
        counts.Update(
            new NDArray([1, 3], (float[])[1, 0, 0]),
            new NDArray([1], (float[])[0]),
            new NDArray([1], (float[])[2])
        );
        Assert.Equal([2, 0, 0, 0, 1, 0, 1, 0, 1], counts.Counts.Values.ToArray());
        Assert.Equal(0.8, counts.Result, 1e-9);
        counts.Reset();
        Assert.Throws<InvalidOperationException>(() => counts.Counts);
    }

    [Fact]
    public void The_mean_of_any_symbol_is_reported()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = TinyModels.Network(4);
        Symbol hidden = model.GetLayer("hidden").Output;
        model.Compile(
            new Sgd(0.1),
            "sparse_categorical_crossentropy",
            [
                new MeanOf(hidden, "activity"),
                new MeanOf((t, p) => Ops.Max(p, [-1]), "confidence"),
                "sparse_categorical_crossentropy",
                "accuracy",
            ]
        );
        IReadOnlyDictionary<string, double> logs = model.Evaluate(x, y, batchSize: 4);
        NDArray output = model.Predict(x);
        float[] activity = new Model(model.Inputs, [hidden]).Predict(x).Values.ToArray();
        Assert.Equal(activity.Average(), logs["activity"], 1e-6);
        Assert.Equal(
            Enumerable.Range(0, 6).Average(i => output.Samples(i, 1).Values.ToArray().Max()),
            logs["confidence"],
            1e-6
        );
        Assert.Equal(logs["loss"], logs["sparse_categorical_crossentropy"], 1e-5);
        // Training with them is training without them.
        model.TrainOnBatch(x, y);
        Model plain = TinyModels.Network(4);
        plain.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        plain.TrainOnBatch(x, y);
        Assert.Equal(TinyModels.Bytes(plain), TinyModels.Bytes(model));
    }

    [Fact]
    public void A_resumed_run_reports_the_same_metrics()
    {
        string whole = Run("whole", null)!;
        Assert.Null(Run("stopped", 4));
        Assert.Equal(whole, Run("stopped", null));
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        (NDArray x, NDArray y) = TinyModels.Data(6);
        Model model = TinyModels.Network(4);
        Refused("auc: the output", () => Evaluate("mse", new Auc(), new NDArray([6, 3]), linear: true));
        Refused("has no class 7", () => Evaluate("sparse_categorical_crossentropy", new Precision(classId: 7), y));
        Refused(
            "root_mean_squared_error: targets (None, 1) do not match the output (None, 3)",
            () => Evaluate("sparse_categorical_crossentropy", new RootMeanSquaredError(), y)
        );
        Refused(
            "the metric mae: mean_absolute_error: targets",
            () => Evaluate("sparse_categorical_crossentropy", "mae", y)
        );
        Refused(
            "the metric wide accumulates 2 numbers and got 3",
            () => Evaluate("sparse_categorical_crossentropy", new Wide(), y)
        );
        var wrong = new NDArray([6], (float[])[0, 1, 2, 3, 0, 1]);
        Refused("accuracy: the label 3 is not a class index", () => Evaluate(new FocalLoss(), "accuracy", wrong));
        Assert.Contains(
            "'accurate' is not a metric",
            Assert.Throws<ArgumentException>(() => Metric.FromName("accurate")).Message,
            StringComparison.Ordinal
        );

        void Evaluate(Loss loss, Metric metric, NDArray target, bool linear = false)
        {
            Model other = model;
            if (linear)
            {
                Symbol input = Input(6, 6, 2);
                other = Model(input, Dense(3)(Flatten()(input)));
            }
            other.Compile(new Sgd(), loss, [metric]);
            other.TestOnBatch(x, target);
        }
    }

    private static void Refused(string part, Action act)
    {
        string message = Assert.Throws<LaminaException>(act).Message;
        Assert.Contains(part, message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', message);
    }

    private string? Run(string name, int? stopAt)
    {
        (NDArray x, NDArray y) = TinyModels.Data(10);
        Model model = TinyModels.Network(4);
        model.Compile(
            new Sgd(0.05),
            "sparse_categorical_crossentropy",
            ["auc", "precision", "f1_score", new ConfusionCounts(), new MeanOf(model.Outputs[0], "mean"), "accuracy"]
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
            x,
            y,
            4,
            2,
            callbacks: [stopper, new BackupAndRestore(Path.Combine(_root, name))],
            verbose: 0,
            cancellation: source.Token
        );
        return history.Cancelled
            ? null
            : string.Join(';', history.Epochs.SelectMany(e => e.Logs).Select(l => $"{l.Key} {l.Value:R}"));
    }

    private sealed class Wide() : Metric("wide", 2)
    {
        public override double Result => State[0];

        public override Symbol Call(Symbol target, Symbol output) => output;
    }
}
