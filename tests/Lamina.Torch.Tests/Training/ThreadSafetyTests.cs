using static Lamina.Layers;

namespace Lamina.Tests.Training;

/// <summary>One model, used by several threads.</summary>
public class ThreadSafetyTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly NDArray s_x = Draw([16, 8, 8, 3]);
    private static readonly NDArray s_y = Labels(16);

    [Fact]
    public async Task A_second_thread_that_trains_is_refused()
    {
        Model model = Compiled();
        using var inside = new ManualResetEventSlim();
        using var tried = new ManualResetEventSlim();
        int nested = 0;
        Task<History> first = Task.Run(
            () =>
                model.Fit(
                    s_x,
                    s_y,
                    batchSize: 4,
                    callbacks:
                    [
                        new AfterBatch(_ =>
                        {
                            // The thread that trains may take a step of its own.
                            nested += nested == 0 ? model.TrainOnBatch(s_x, s_y).Count : 0;
                            inside.Set();
                            Assert.True(tried.Wait(s_patience));
                        }),
                    ],
                    verbose: 0
                ),
            TestContext.Current.CancellationToken
        );
        Assert.True(inside.Wait(s_patience, TestContext.Current.CancellationToken));
        string message =
            $"{model.Name} is being trained on another thread. Wait until that ends, or use a separate model on each thread.";
        Assert.Equal(
            message,
            Assert
                .Throws<InvalidOperationException>(() =>
                    model.Fit(s_x, s_y, verbose: 0, cancellation: TestContext.Current.CancellationToken)
                )
                .Message
        );
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => model.TrainOnBatch(s_x, s_y)).Message);
        Assert.Contains("loss", model.Evaluate(s_x, s_y));
        tried.Set();
        Assert.Single((await first).Epochs);
        Assert.Equal(2, nested);
        Assert.Contains("loss", model.TrainOnBatch(s_x, s_y));
    }

    [Fact]
    public void Predictions_and_weights_beside_a_training_are_those_between_two_steps()
    {
        Symbol input = Input(8, 8, 3);
        Symbol features = Flatten()(Conv2D(32, 3, padding: "same", activation: "relu")(input));
        features = Dense(64, activation: "relu")(features);
        Model part = Model(input, features);
        Model whole = Model(input, Dense(4, activation: "softmax")(features));
        whole.Compile(
            new Sgd(0.05, momentum: 0.9) { EmaMomentum = 0.5 },
            "sparse_categorical_crossentropy",
            ["accuracy"]
        );
        Weight kernel = whole.Weights[0];
        List<float[]> allowed = [];
        List<float[]> seen = [];
        void Note(List<float[]> list)
        {
            float[][] now =
            [
                whole.Predict(s_x).Values.ToArray(),
                part.Predict(s_x).Values.ToArray(),
                kernel.GetValues(),
            ];
            lock (list)
            {
                list.AddRange(now);
            }
        }
        Note(allowed);
        Beside(
            () =>
            {
                whole.Fit(
                    s_x,
                    s_y,
                    batchSize: 4,
                    epochs: 20,
                    callbacks:
                    [
                        new AfterBatch(_ =>
                        {
                            Note(allowed);
                            whole.Compiled!.SwapAverages();
                            Note(allowed);
                        }),
                    ],
                    verbose: 0
                );
                Note(allowed);
            },
            () => Note(seen)
        );
        Note(allowed);
        HashSet<string> known = [.. allowed.Select(Text)];
        Assert.True(known.Count > 100, $"Only {known.Count} states.");
        Assert.True(seen.Count > 0);
        Assert.All(seen, s => Assert.Contains(Text(s), known));
    }

    [Fact]
    public void Evaluations_beside_a_training_do_not_change_what_it_reports()
    {
        float[][] initial = [.. Compiled().Weights.Select(w => w.GetValues())];
        double[] alone = Accuracies(_ => { });
        double[] beside = Accuracies(model => model.Evaluate(s_x, s_y));
        Assert.Equal(alone, beside);

        double[] Accuracies(Action<Model> other)
        {
            Model model = Compiled();
            for (int i = 0; i < initial.Length; i++)
            {
                model.Weights[i].SetValues(initial[i]);
            }
            double[] found = [];
            Beside(
                () => found = [.. model.Fit(s_x, s_y, 2, 30, verbose: 0).Epochs.Select(e => e.Logs["accuracy"])],
                () => other(model)
            );
            return found;
        }
    }

    [Fact]
    public void Predictions_beside_compilations_and_changes_of_precision_are_right()
    {
        Model model = Compiled();
        model.DensePrecision = WeightPrecision.Float16;
        string half = Text(model.Predict(s_x).Values.ToArray());
        model.DensePrecision = WeightPrecision.Float32;
        string full = Text(model.Predict(s_x).Values.ToArray());
        Beside(
            () =>
            {
                for (int i = 0; i < 200; i++)
                {
                    model.DensePrecision = (WeightPrecision)(i % 2);
                    model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
                    _ = model.Predict(s_x);
                }
            },
            () => Assert.Contains(Text(model.Predict(s_x).Values.ToArray()), (string[])[half, full])
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_training_whose_state_is_disposed_ends_and_says_so(bool byCompiling)
    {
        for (int i = 0; i < 10; i++)
        {
            Model model = Compiled();
            using var inside = new ManualResetEventSlim();
            Task<History> training = Task.Run(
                () =>
                    model.Fit(
                        s_x,
                        s_y,
                        batchSize: 4,
                        epochs: int.MaxValue,
                        callbacks: [new AfterBatch(_ => inside.Set())],
                        verbose: 0
                    ),
                TestContext.Current.CancellationToken
            );
            Assert.True(inside.Wait(s_patience, TestContext.Current.CancellationToken));
            CompiledModel compiled = model.Compiled!;
            if (byCompiling)
            {
                model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
            }
            else
            {
                compiled.Dispose();
            }
            string message = (await Assert.ThrowsAsync<ObjectDisposedException>(() => training)).Message;
            Assert.StartsWith(
                $"{model.Name}: what Compile returned is disposed, or",
                message,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain('\n', message);
            Assert.Equal(16, model.Predict(s_x).Count);
        }
    }

    [Fact]
    public void After_Dispose_nothing_goes_on_from_lost_state()
    {
        Model model = Compiled();
        model.Fit(s_x, s_y, verbose: 0, cancellation: TestContext.Current.CancellationToken);
        CompiledModel compiled = model.Compiled!;
        compiled.Dispose();
        compiled.Dispose();
        Action[] uses =
        [
            () => model.Fit(s_x, s_y, verbose: 0, cancellation: TestContext.Current.CancellationToken),
            () => model.TrainOnBatch(s_x, s_y),
            () => model.TestOnBatch(s_x, s_y),
            () => model.Evaluate(s_x, s_y),
            () => compiled.GetOptimizerState(),
            () => compiled.SetOptimizerState(new Dictionary<string, NDArray>()),
        ];
        Assert.All(uses, use => Assert.Throws<ObjectDisposedException>(use));
        Assert.Equal(16, model.Predict(s_x).Count);
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy");
        model.Fit(s_x, s_y, verbose: 0, cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Values_that_are_set_beside_a_training_arrive_whole()
    {
        // At a usual rate, training diverges now and then when its weights change again and again.
        Model model = Compiled(new Sgd(1e-4));
        Weight[] kernels = [model.Weights[0], model.Weights[2]];
        Beside(
            () => model.Fit(s_x, s_y, batchSize: 4, epochs: 50, verbose: 0),
            () =>
            {
                foreach (Weight weight in kernels)
                {
                    var values = new float[weight.Count];
                    values.AsSpan().Fill(0.01f);
                    weight.SetValues(values);
                    Assert.All(weight.GetValues(), v => Assert.True(float.IsFinite(v)));
                }
            }
        );
    }

    /// <summary>Does one thing while two threads do another again and again.</summary>
    private static void Beside(Action first, Action others)
    {
        bool done = false;
        List<Exception> failures = [];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ => new Thread(() =>
                {
                    try
                    {
                        do
                        {
                            others();
                        } while (!Volatile.Read(ref done));
                    }
#pragma warning disable CA1031 // The test's thread throws it.
                    catch (Exception e)
#pragma warning restore CA1031
                    {
                        lock (failures)
                        {
                            failures.Add(e);
                        }
                    }
                })),
        ];
        Array.ForEach(threads, t => t.Start());
        try
        {
            first();
        }
        finally
        {
            Volatile.Write(ref done, true);
            Array.ForEach(threads, t => t.Join());
        }
        Assert.Empty(failures);
    }

    private static Model Compiled(Optimizer? optimizer = null)
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = Conv2D(32, 3, padding: "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        Model model = Model(input, Dense(4, activation: "softmax")(Dense(32, activation: "relu")(Flatten()(x))));
        model.Compile(optimizer ?? new Sgd(0.05, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"]);
        return model;
    }

    private static NDArray Draw(Shape shape)
    {
        var result = new NDArray(shape);
        var random = new RandomStream(3, RandomPurpose.User);
        foreach (ref float value in result.Values)
        {
            value = random.NextSingle();
        }
        return result;
    }

    private static NDArray Labels(int count) =>
        new([count, 1], Enumerable.Range(0, count).Select(i => i % 4f).ToArray());

    private static string Text(float[] values) =>
        string.Join(' ', values.Take(64).Select(v => BitConverter.SingleToUInt32Bits(v)));

    private sealed class AfterBatch(Action<BatchLog> act) : Callback
    {
        public override void OnTrainBatchEnd(BatchLog log) => act(log);
    }
}
