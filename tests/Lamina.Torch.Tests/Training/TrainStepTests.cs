using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Steps that a program writes, run by Fit.</summary>
public sealed class TrainStepTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-step-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_step_around_the_compiled_one_trains_as_without_it()
    {
        (Model plain, Model wrapped) = TwoOfOne();
        plain.Compile(new Adam(0.01), "mse", ["mae"]);
        var step = new Doubling(1);
        wrapped.Compile(new Adam(0.01), "mse", ["mae"]).CustomStep = step;
        (NDArray x, NDArray y) = Data();
        History expected = plain.Fit(x, y, 8, 3, verbose: 0, cancellation: Token, validationSplit: 0.25);
        History actual = wrapped.Fit(x, y, 8, 3, verbose: 0, cancellation: Token, validationSplit: 0.25);
        Assert.Equal(9, step.Calls);
        Assert.Equal(9, wrapped.Compiled!.Step);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["loss", "calls", "mae", "val_loss", "val_mae"], actual.Epochs[i].Logs.Keys);
            foreach ((string key, double value) in expected.Epochs[i].Logs)
            {
                Assert.Equal(value, actual.Epochs[i].Logs[key], 1e-12);
            }
        }
        Assert.Equal(Values(plain), Values(wrapped));
        Assert.Equal(plain.Evaluate(x, y), wrapped.Evaluate(x, y));
        Assert.Equal(plain.TrainOnBatch(x, y)["loss"], wrapped.TrainOnBatch(x, y)["loss"]);
    }

    [Fact]
    public void A_step_can_change_the_batch()
    {
        (Model plain, Model changed) = TwoOfOne();
        plain.Compile(new Sgd(0.01), "mse");
        changed.Compile(new Sgd(0.01), "mse").CustomStep = new Doubling(2);
        (NDArray x, NDArray y) = Data();
        var twice = new NDArray(x.Shape, x.Values.ToArray().Select(v => 2 * v).ToArray());
        plain.Fit(twice, y, 8, 2, verbose: 0, cancellation: Token);
        changed.Fit(x, y, 8, 2, verbose: 0, cancellation: Token);
        Assert.Equal(Values(plain), Values(changed));
    }

    [Fact]
    public void Two_optimizers_train_two_networks_and_a_resumed_run_ends_with_the_same_bytes()
    {
        NDArray x = Data().X;
        (float[] whole, History history) = Run("whole", stopAt: null);
        (_, History stopped) = Run("stopped", stopAt: 5);
        Assert.True(stopped.Cancelled);
        (float[] resumed, History rest) = Run("stopped", stopAt: null);
        Assert.Equal(whole, resumed);
        Assert.Equal(["d_loss", "g_loss", "seen"], rest.Epochs[1].Logs.Keys);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(history.Epochs[i].Logs, rest.Epochs[i].Logs);
        }

        (float[], History) Run(string name, int? stopAt)
        {
            (Model gan, Adversaries step) = Adversaries.New();
            gan.Compile(step, [new SeenRows()], seed: 4);
            using var source = new CancellationTokenSource();
            int steps = 0;
            var stopper = new LambdaCallback(onTrainBatchEnd: _ =>
            {
                if (++steps == stopAt)
                {
                    source.Cancel();
                }
            });
            History result = gan.Fit(
                new ArraySource(x, null, 8, shuffle: true),
                epochs: 3,
                callbacks: [stopper, new BackupAndRestore(Path.Combine(_root, name))],
                verbose: 0,
                cancellation: source.Token
            );
            return (Values(gan), result);
        }
    }

    [Fact]
    public void Each_optimizer_changes_its_weights_only_and_averages_are_swapped_in()
    {
        (Model gan, Adversaries step) = Adversaries.New(new Sgd(0) { EmaMomentum = 0.5 });
        Weight[] weights = [.. gan.TrainableWeights];
        float[][] before = [.. weights.Select(w => w.GetValues())];
        gan.Compile(step);
        gan.Fit(new ArraySource(Data().X, null, 8), epochs: 1, verbose: 0, cancellation: Token);
        // The generator's rate is 0.
        for (int i = 0; i < before.Length; i++)
        {
            bool isGenerator = step.Generator.TrainableWeights.Contains(weights[i]);
            Assert.Equal(isGenerator, before[i].SequenceEqual(weights[i].GetValues()));
        }
        CompiledModel compiled = gan.Compiled!;
        Assert.True(compiled.AveragesIn);
        compiled.SwapAverages();
        Assert.False(compiled.AveragesIn);
    }

    [Fact]
    public void A_step_with_a_test_evaluates_by_it()
    {
        (Model gan, _) = Adversaries.New();
        (_, Adversaries step) = Adversaries.NewTested(gan);
        gan.Compile(step);
        NDArray x = Data().X;
        var source = new ArraySource(x, null, 8);
        Assert.Equal(["rows"], gan.Evaluate(source).Keys);
        History history = gan.Fit(source, epochs: 1, validation: source, verbose: 0, cancellation: Token);
        Assert.Equal(8, history.Epochs[0].Logs["val_rows"]);
    }

    [Fact]
    public void Bad_use_is_one_line()
    {
        NDArray x = Data().X;
        var source = new ArraySource(x, null, 8);
        (Model gan, Adversaries step) = Adversaries.New();
        Symbol three = Input(3);
        Model other = Model(three, Dense(1)(three));
        gan.Compile(step);
        One<LaminaException>("has no Test", () => gan.Fit(source, validation: source, verbose: 0, cancellation: Token));
        One<LaminaException>("has no Test", () => gan.Evaluate(source));
        One<LaminaException>(
            "has 2. Give each a schedule",
            () => gan.Fit(source, callbacks: [new ReduceLROnPlateau("d_loss")], verbose: 0, cancellation: Token)
        );
        One<InvalidOperationException>("belongs to", () => Adversaries.New().Gan.Compile(step));
        One<InvalidOperationException>("has the step", () => gan.Compiled!.CustomStep = new Doubling(1));
        One<InvalidOperationException>("losses of its own", () => _ = gan.Compiled!.Loss);
        One<LaminaException>("no loss to minimize", () => other.Compile(new Doubling(1)));
        One<LaminaException>("is not a weight of", () => other.Compile(Adversaries.New().Step));
        (Model plain, _) = TwoOfOne();
        plain.Compile("sgd", "mse").CustomStep = new Renaming();
        One<LaminaException>(
            "Return the same names",
            () => plain.Fit(Data().X, Data().Y, 8, verbose: 0, cancellation: Token)
        );
        plain.Compile("sgd", "mse").CustomStep = new Nothing();
        One<LaminaException>(
            "returned no values",
            () => plain.Fit(Data().X, Data().Y, 8, verbose: 0, cancellation: Token)
        );
        Assert.Throws<ArgumentException>(() => new BadNames());

        static void One<T>(string part, Action action)
            where T : Exception
        {
            T e = Assert.Throws<T>(action);
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_without_a_change()
    {
        (Model gan, Adversaries step) = Adversaries.New();
        gan.Compile(step);
        NDArray x = Data().X;
        x.Values[100] = float.NaN;
        LossException e = Assert.Throws<LossException>(() =>
            gan.Fit(new ArraySource(x, null, 8), epochs: 2, verbose: 0, cancellation: Token)
        );
        Assert.Contains("in epoch 1 of 2, batch 3 of 4", e.Message, StringComparison.Ordinal);
        using var output = new StringWriter();
        gan.Fit(
            new ArraySource(x, null, 8),
            epochs: 2,
            callbacks: [new TerminateOnNaN(output)],
            verbose: 0,
            cancellation: Token
        );
        Assert.Contains("The loss became NaN", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Values(gan), v => !float.IsFinite(v));
    }

    private static (Model, Model) TwoOfOne()
    {
        Session.SetRandomSeed(1);
        Symbol x = Input(6);
        Model model = Model(x, Dense(1)(Dense(4, activation: "tanh")(x)));
        return (model, model.Clone());
    }

    private static float[] Values(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(1, RandomPurpose.User);
        var x = new NDArray([32, 6]);
        var y = new NDArray([32, 1]);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = random.NextSingle() - 0.5f;
            y.Values[i / 6] += x.Values[i] * (i % 6);
        }
        return (x, y);
    }

    private sealed class Doubling(float factor) : TrainStep
    {
        public int Calls { get; private set; }

        protected override IReadOnlyDictionary<string, double> Run(Batch batch)
        {
            NDArray x = batch.Inputs[0];
            var scaled = new NDArray(x.Shape, x.Values.ToArray().Select(v => factor * v).ToArray());
            return new Dictionary<string, double>(RunCompiled(batch with { Inputs = [scaled] }))
            {
                ["calls"] = ++Calls,
            };
        }
    }

    private sealed class Renaming : TrainStep
    {
        private int _calls;

        protected override IReadOnlyDictionary<string, double> Run(Batch batch) =>
            new Dictionary<string, double> { [$"loss{_calls++}"] = 1 };
    }

    private sealed class Nothing : TrainStep
    {
        protected override IReadOnlyDictionary<string, double> Run(Batch batch) => new Dictionary<string, double>();
    }

    private sealed class BadNames : TrainStep
    {
        public BadNames()
        {
            Symbol x = Input(2);
            Symbol y = Dense(1)(x);
            Minimize("a/b", y, new Sgd(0.1), y.Layer!.TrainableWeights);
        }

        protected override IReadOnlyDictionary<string, double> Run(Batch batch) =>
            throw new InvalidOperationException();
    }

    private sealed class SeenRows() : Metric("seen", stateSize: 1)
    {
        public override double Result => State[0];

        public override Symbol Call(Symbol target, Symbol output) => Ops.Max(Ops.Equal(output, output), [-1]);
    }

    /// <summary>A generator of rows of 6 numbers from 2, and a discriminator with dropout.</summary>
    private class Adversaries : TrainStep
    {
        private readonly Minimizer _d;
        private readonly Minimizer _g;

        protected Adversaries(Model generator, Model discriminator, Optimizer? optimizer)
        {
            Generator = generator;
            Symbol noise = Input(2);
            Symbol real = Input(6);
            Symbol fake = discriminator.Apply(generator.Apply(noise));
            Symbol told = discriminator.Apply(real);
            Loss bce = new BinaryCrossentropy(fromLogits: true);
            Symbol ones = Ops.Equal(fake, fake);
            _d = Minimize(
                "d",
                bce.Call(Ops.NotEqual(fake, fake), fake) + bce.Call(ones, told),
                new Adam(0.01),
                discriminator.TrainableWeights,
                [noise, real]
            );
            _g = Minimize("g", bce.Call(ones, fake), optimizer ?? new Adam(0.01), generator.TrainableWeights, [noise]);
        }

        public Model Generator { get; }

        public static (Model Gan, Adversaries Step) New(Optimizer? optimizer = null)
        {
            Session.SetRandomSeed(6);
            Symbol z = Input(2);
            Model generator = Model(z, Dense(6)(BatchNormalization()(Dense(8, activation: "relu")(z))));
            Symbol x = Input(6);
            Model discriminator = Model(x, Dense(1)(Dropout(0.2)(Dense(8, activation: "leaky_relu")(x))));
            Symbol latent = Input(2);
            Model gan = Model(latent, discriminator.Apply(generator.Apply(latent)));
            return (gan, new Adversaries(generator, discriminator, optimizer));
        }

        public static (Model Gan, Adversaries Step) NewTested(Model gan) =>
            (gan, new Tested((Model)gan.Layers[1], (Model)gan.Layers[2]));

        protected override IReadOnlyDictionary<string, double> Run(Batch batch)
        {
            if (Metrics is [var seen])
            {
                seen.Update(batch.Inputs[0], batch.Inputs[0]);
            }
            return new Dictionary<string, double>
            {
                ["d_loss"] = _d.Run(Noise(batch.Count, 0), batch.Inputs[0]).Loss,
                ["g_loss"] = _g.Run(Noise(batch.Count, 1)).Loss,
            };
        }

        private NDArray Noise(int count, int index)
        {
            RandomStream random = Random(index);
            var noise = new NDArray([count, 2]);
            foreach (ref float value in noise.Values)
            {
                value = (float)random.NextNormal();
            }
            return noise;
        }

        private sealed class Tested(Model generator, Model discriminator)
            : Adversaries(generator, discriminator, null),
                ITestStep
        {
            public IReadOnlyDictionary<string, double> Test(Batch batch) =>
                new Dictionary<string, double> { ["rows"] = batch.Count };
        }
    }
}
