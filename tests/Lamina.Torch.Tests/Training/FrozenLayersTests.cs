using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Frozen layers as in Keras: no gradients, no optimizer state, moving averages, nothing backward below.</summary>
public abstract class FrozenLayersTests(Device device)
{
    [Fact]
    public void Nothing_is_computed_backward_below_the_lowest_trained_layer()
    {
        Model model = Build();
        model.Freeze("features");
        CompiledModel compiled = model.Compile(new Adam(), "sparse_categorical_crossentropy", device: device);
        var observer = new Backwards();
        compiled.Observer = observer;
        Dictionary<string, float[]> before = model.Weights.ToDictionary(w => w.Path, w => w.GetValues());
        (NDArray x, NDArray y) = Data();
        for (int step = 0; step < 3; step++)
        {
            model.TrainOnBatch(x, y);
        }
        // The activation functions of hidden and top are theirs.
        Assert.Equal(["hidden", "top"], observer.Layers.Distinct().Order());
        Assert.Equal(["hidden/bias", "hidden/kernel", "top/bias", "top/kernel"], observer.Weights.Distinct().Order());
        foreach (Weight weight in model.Weights)
        {
            bool same = before[weight.Path].AsSpan().SequenceEqual(weight.GetValues());
            Assert.Equal(!weight.IsTrained, same);
        }
        IEnumerable<string> kept = compiled
            .GetOptimizerState()
            .Keys.Where(k => k.Contains('/', StringComparison.Ordinal));
        Assert.All(kept, k => Assert.Matches("^(hidden|top)/", k));
        Assert.Equal(8, kept.Count());
        compiled.Dispose();
    }

    [Fact]
    public void A_frozen_normalization_uses_its_moving_averages_in_training()
    {
        Session.Clear();
        Symbol input = Input(1);
        Model model = Model(
            input,
            Dense(1, useBias: false, kernelInitializer: "ones", name: "top")(
                BatchNormalization(epsilon: 1e-9, name: "norm")(input)
            )
        );
        model.GetLayer("norm").Weights[2].SetValues([3]);
        model.GetLayer("norm").Weights[3].SetValues([4]);
        model.Freeze("norm");
        model.Compile(new Sgd(0.125), "mean_squared_error", device: device);
        // (5 − 3) / 2 = 1 and (1 − 3) / 2 = −1 against targets of 0: the loss is 1, its slope 2 · kernel, the kernel 0.75 after.
        Assert.Equal(
            1,
            model.TrainOnBatch(new NDArray([2, 1], (float[])[5, 1]), new NDArray([2, 1], (float[])[0, 0]))["loss"],
            6
        );
        Assert.Equal(0.75f, model.GetLayer("top").Weights[0].GetValues()[0], 1e-6f);
        Assert.Equal([1f, 0f, 3f, 4f], model.GetLayer("norm").Weights.SelectMany(w => w.GetValues()));
        model.Compiled!.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_takes_the_memory_that_is_computed_and_less_than_with_all_trained(bool recompute)
    {
        Model model = Build();
        long all = model.TrainingMemory(64, new Adam(), recompute).Peak;
        model.Freeze("features");
        MemoryUse computed = model.TrainingMemory(64, new Adam(), recompute);
        Assert.True(computed.Peak < all, $"{computed.Peak} < {all}");
        (NDArray x, NDArray y) = Data(64);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using CompiledModel compiled = model.Compile(
            new Adam(),
            "sparse_categorical_crossentropy",
            recompute: recompute,
            device: device
        );
        model.TrainOnBatch(x, y);
        meter.ResetPeak();
        model.TrainOnBatch(x, y);
        Assert.InRange(meter.PeakBytes, computed.Peak * 0.99, computed.Peak * 1.01);
    }

    [Fact]
    public void Thawed_layers_train_after_compiling_again()
    {
        Model model = Build();
        model.Freeze("features");
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        (NDArray x, NDArray y) = Data();
        model.TrainOnBatch(x, y);
        float[] before = model.GetLayer("conv_1").Weights[0].GetValues();
        model.Unfreeze();
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: device);
        model.TrainOnBatch(x, y);
        Assert.NotEqual(before, model.GetLayer("conv_1").Weights[0].GetValues());
        model.Compiled!.Dispose();
    }

    private static Model Build()
    {
        Session.Clear();
        Session.SetRandomSeed(1);
        Symbol input = Input(12, 12, 1);
        Symbol x = Conv2D(8, 3, activation: "relu", name: "conv_1")(input);
        x = BatchNormalization(name: "norm")(x);
        x = MaxPool2D(2, name: "pool")(x);
        x = Dropout(0.5, name: "dropout")(Conv2D(8, 3, activation: "relu", name: "conv_2")(x));
        x = Dense(16, activation: "relu", name: "hidden")(Flatten(name: "flatten")(x));
        return Model(input, Dense(4, activation: "softmax", name: "top")(x));
    }

    private static (NDArray X, NDArray Y) Data(int count = 8)
    {
        var random = new Random(3);
        var x = new NDArray(
            [count, 12, 12, 1],
            (float[])[.. Enumerable.Range(0, count * 144).Select(_ => random.NextSingle())]
        );
        return (x, new NDArray([count, 1], (float[])[.. Enumerable.Range(0, count).Select(i => (float)(i % 4))]));
    }

    private sealed class Backwards : IPlanObserver
    {
        public List<string> Layers { get; } = [];

        public List<string> Weights { get; } = [];

        public void Ran(StepPart part, PlanStep step, long started)
        {
            // The ops of the loss have no layer.
            if (part == StepPart.Backward && step.Kernel.Node.Layer is { } layer)
            {
                Layers.Add(layer.Name);
            }
        }

        public void Updated(Weight weight, long started) => Weights.Add(weight.Path);

        public void Did(StepPart part, long started) { }
    }
}

/// <inheritdoc/>
public sealed class FrozenLayersOnCpuTests() : FrozenLayersTests(Device.Cpu);

/// <inheritdoc/>
public sealed class FrozenLayersOnPortableTests() : FrozenLayersTests(Device.Portable);
