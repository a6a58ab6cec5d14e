using Extending;
using Lamina.Torch.Tests.Training.Optimizers;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>
/// On a backend whose values arrive late, a step waits for none of them: loss and metrics are read when somebody looks, and
/// a loss that is not finite ends training at its own step, although that is noticed later.
/// </summary>
public class HostReadsTests
{
    // The last is a program's own.
    public static TheoryData<string> Optimizers =>
        [
            "sgd",
            "adam",
            "adamw",
            "nadam",
            "adamax",
            "adagrad",
            "adadelta",
            "rmsprop",
            "lion",
            "lamb",
            "lars",
            "sign_momentum",
        ];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_step_reads_nothing_from_the_device(string optimizer)
    {
        Model model = Network(optimizer, out (NDArray X, NDArray Y) data);
        var reads = new List<long>();
        BatchLog? last = null;
        long before = 0;
        model.Fit(
            data.X,
            data.Y,
            batchSize: 2,
            epochs: 2,
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken,
            callbacks:
            [
                new LambdaCallback(onTrainBatchEnd: log =>
                {
                    reads.Add(HostReads.OfThisThread - before);
                    before = HostReads.OfThisThread;
                    last = log;
                }),
            ]
        );
        Assert.Equal(12, reads.Count);
        // The first number counts what happened before the first step, the seventh the end of the first epoch.
        Assert.All(reads.Where((_, i) => i is not (0 or 6)), r => Assert.Equal(0, r));
        Assert.True(reads[6] > 0);
        Assert.True(double.IsFinite(last!.Logs["loss"]));
    }

    [Fact]
    public void A_look_has_the_values_of_its_own_step()
    {
        foreach (Func<BatchLog, bool> looks in (Func<BatchLog, bool>[])[_ => true, l => l.Batch == 3, _ => false])
        {
            var logs = new List<(BatchLog Log, Dictionary<string, double>? Seen)>();
            Model model = Network("adam", out (NDArray X, NDArray Y) data);
            model.Fit(
                data.X,
                data.Y,
                batchSize: 2,
                verbose: 0,
                cancellation: TestContext.Current.CancellationToken,
                callbacks:
                [
                    new LambdaCallback(onTrainBatchEnd: l => logs.Add((l, looks(l) ? l.Logs.ToDictionary() : null))),
                ]
            );
            Assert.All(logs, l => Assert.Equal(l.Log.Logs.ToDictionary(), l.Seen ?? l.Log.Logs.ToDictionary()));
            Model other = Network("adam", out _);
            foreach ((BatchLog log, _) in logs)
            {
                Assert.Equal(log.Samples, 2 * log.Batch);
            }
            Assert.Equal(
                Expected(other, data, 6),
                logs.Select(l => l.Log.Logs["loss"]),
                (a, b) => Math.Abs(a - b) < 1e-6
            );
        }
    }

    [Theory]
    [InlineData("sgd", 1)]
    [InlineData("adamw", 4)]
    [InlineData("lamb", 1)]
    [InlineData("lion", 2)]
    [InlineData("sign_momentum", 1)]
    public void A_loss_that_is_not_finite_ends_at_its_step_with_the_weights_before(string optimizer, int accumulation)
    {
        float[][] Weights(bool poisoned, out LossException? error)
        {
            Model model = Network(optimizer, out (NDArray X, NDArray Y) data, accumulation);
            int batches = poisoned ? 6 : 4;
            if (poisoned)
            {
                // The fifth batch.
                data.X.Values[8 * data.X.Values.Length / data.X.Count] = float.NaN;
            }
            error = null;
            try
            {
                model.Fit(new Fixed(data, batches, 2), verbose: 0);
            }
            catch (LossException e)
            {
                error = e;
            }
            Assert.Equal(4, model.Compiled!.Step);
            return
            [
                .. model.Weights.Select(w => w.GetValues()),
                .. model.Compiled!.GetOptimizerState().Values.Select(v => v.Values.ToArray()),
            ];
        }

        float[][] expected = Weights(false, out _);
        float[][] weights = Weights(true, out LossException? error);
        Assert.Equal(4, error!.Step);
        Assert.Equal(0, error.Epoch);
        Assert.Contains("batch 5 of 6 (step 4)", error.Message, StringComparison.Ordinal);
        Assert.Equal(expected, weights);
    }

    [Fact]
    public void TerminateOnNaN_names_the_step_and_keeps_the_weights_before()
    {
        Model model = Network("adam", out (NDArray X, NDArray Y) data);
        data.X.Values[8 * data.X.Values.Length / data.X.Count] = float.NaN;
        using var output = new StringWriter();
        var terminate = new TerminateOnNaN(output);
        model.Fit(
            new Fixed(data, 6, 2),
            epochs: 3,
            verbose: 0,
            callbacks: [terminate],
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(4, terminate.Step);
        Assert.Equal(4, model.Compiled!.Step);
        Assert.All(model.Weights, w => Assert.All(w.GetValues(), v => Assert.True(float.IsFinite(v))));
        Assert.Contains("at step 4", output.ToString(), StringComparison.Ordinal);
        // Training can go on.
        data.X.Values[8 * data.X.Values.Length / data.X.Count] = 0;
        float[] before = model.Weights[0].GetValues();
        model.TrainOnBatch(data.X, data.Y);
        Assert.NotEqual(before, model.Weights[0].GetValues());
    }

    [Fact]
    public void An_evaluation_reads_once_at_its_end()
    {
        Model model = Network("sgd", out (NDArray X, NDArray Y) data);
        long before = HostReads.OfThisThread;
        var counts = new List<long>();
        IReadOnlyDictionary<string, double> late = model.Evaluate(
            new Fixed(data, 6, 2) { OnBatch = () => counts.Add(HostReads.OfThisThread - before) }
        );
        Assert.All(counts, c => Assert.Equal(0, c));
        double[] each = [.. new Fixed(data, 6, 2).Batches(0).Select(b => model.TestOnBatch(b)["loss"])];
        Assert.Equal(each.Average(), late["loss"], 1e-6);
    }

    private static double[] Expected(Model model, (NDArray X, NDArray Y) data, int batches)
    {
        // Batches of Fit are shuffled, so the losses come from a run that looks at each step.
        var losses = new List<double>();
        model.Fit(
            data.X,
            data.Y,
            batchSize: 2,
            verbose: 0,
            cancellation: TestContext.Current.CancellationToken,
            callbacks: [new LambdaCallback(onTrainBatchEnd: l => losses.Add(l.Logs["loss"]))]
        );
        Assert.Equal(batches, losses.Count);
        return [.. losses];
    }

    private static Model Network(string optimizer, out (NDArray X, NDArray Y) data, int accumulation = 1)
    {
        Session.Clear();
        Session.SetRandomSeed(4);
        Symbol input = Input(6, 6, 2);
        Symbol x = Conv2D(3, 3, activation: "relu", kernelConstraint: new MaxNorm(1, [0, 1, 2]))(input);
        x = BatchNormalization()(x);
        Model model = Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
        data = TinyModels.Data(12);
        Optimizer.Register("sign_momentum", _ => new SignMomentum());
        model.Compile(
            Optimizer.FromConfig(
                new()
                {
                    ["name"] = optimizer,
                    ["clipnorm"] = 1.0,
                    ["gradient_accumulation_steps"] = accumulation,
                }
            ),
            "sparse_categorical_crossentropy",
            [
                "accuracy",
                new TopKCategoricalAccuracy(2),
                "auc",
                "precision",
                new ConfusionCounts(),
                new MeanOf((t, p) => Ops.Sum(p, [-1]), "sums"),
                new F1(),
            ],
            device: Device.Portable
        );
        return model;
    }

    /// <summary>Batches in their order.</summary>
    private sealed class Fixed((NDArray X, NDArray Y) data, int batches, int size) : IBatchSource
    {
        public Action? OnBatch { get; init; }

        public int Count => batches * size;

        public int BatchSize => size;

        public IEnumerable<Batch> Batches(int epoch, int skip = 0)
        {
            for (int i = skip; i < batches; i++)
            {
                OnBatch?.Invoke();
                yield return new Batch(data.X.Samples(i * size, size), data.Y.Samples(i * size, size));
            }
        }
    }
}
