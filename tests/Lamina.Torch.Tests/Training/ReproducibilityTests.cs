using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>The same seed gives the same bytes; tensors are freed at known points; a state continues a run.</summary>
public abstract class ReproducibilityTests(Device device)
{
    [Fact]
    public void Two_trainings_with_one_seed_give_identical_bytes_and_another_seed_differs()
    {
        float[] first = Train(seed: 3);
        float[] second = Train(seed: 3);
        float[] other = Train(seed: 4);

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Only_dropout_of_another_seed_changes_a_run()
    {
        Assert.NotEqual(Train(seed: 3, dropoutSeed: 1), Train(seed: 3, dropoutSeed: 2));
    }

    [Fact]
    public void Live_tensors_and_bytes_are_constant_from_step_to_step()
    {
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        Model model = Network(1);
        using CompiledModel compiled = model.Compile(
            new Sgd(0.01, momentum: 0.9),
            "sparse_categorical_crossentropy",
            device: device
        );
        (NDArray x, NDArray y) = Data();
        model.TrainOnBatch(x, y);
        model.TestOnBatch(x, y);
        model.Predict(x);
        (long Tensors, long Bytes) before = (meter.Tensors, meter.Bytes);
        for (int i = 0; i < 5; i++)
        {
            model.TrainOnBatch(x, y);
            model.TestOnBatch(x, y);
            model.Predict(x);
            Assert.Equal(before, (meter.Tensors, meter.Bytes));
        }
    }

    [Fact]
    public void A_run_goes_on_bit_for_bit_from_weights_and_optimizer_state()
    {
        (NDArray x, NDArray y) = Data();
        Model whole = Network(5);
        using CompiledModel first = Compile(whole);
        Repeat(4, () => whole.TrainOnBatch(x, y));
        IReadOnlyDictionary<string, NDArray> state = first.GetOptimizerState();
        float[][] weights = [.. whole.Weights.Select(w => w.GetValues())];
        Repeat(3, () => whole.TrainOnBatch(x, y));

        Model resumed = Network(6);
        for (int i = 0; i < weights.Length; i++)
        {
            resumed.Weights[i].SetValues(weights[i]);
        }
        using CompiledModel second = Compile(resumed);
        second.SetOptimizerState(Renamed(state, whole, resumed));
        Assert.Equal(4, second.Step);
        Repeat(3, () => resumed.TrainOnBatch(x, y));

        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void Recompiling_keeps_the_weights_and_predictions_follow_training()
    {
        (NDArray x, NDArray y) = Data();
        Model model = Network(7);
        float[] untrained = model.Predict(x).Values.ToArray();
        Compile(model);
        model.TrainOnBatch(x, y);
        float[] trained = model.Predict(x).Values.ToArray();
        Compile(model).Dispose();

        Assert.NotEqual(untrained, trained);
        Assert.Equal(trained, model.Predict(x).Values.ToArray());
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_with_the_step()
    {
        (NDArray x, NDArray y) = Data();
        x.Values[0] = float.NaN;
        Model model = Network(8);
        using CompiledModel compiled = Compile(model);

        LossException error = Assert.Throws<LossException>(() => model.TrainOnBatch(x, y));
        Assert.Contains("NaN at step 0", error.Message, StringComparison.Ordinal);
    }

    private CompiledModel Compile(Model model) =>
        model.Compile(new Sgd(0.05, momentum: 0.9), "sparse_categorical_crossentropy", ["accuracy"], device: device);

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }

    private float[] Train(long seed, long dropoutSeed = 0)
    {
        Model model = Network(seed);
        using CompiledModel compiled = model.Compile(
            new Sgd(0.05, momentum: 0.9),
            "sparse_categorical_crossentropy",
            ["accuracy"],
            dropoutSeed,
            device: device
        );
        (NDArray x, NDArray y) = Data();
        model.Fit(x, y, batchSize: 4, epochs: 3, verbose: 0);
        return Bytes(model);
    }

    private static float[] Bytes(Model model) => [.. model.Weights.SelectMany(w => w.GetValues())];

    private static Model Network(long seed)
    {
        Session.SetRandomSeed(seed);
        Symbol input = Input(16, 16, 3);
        Symbol x = Conv2D(8, 5, strides: 2, padding: "same", activation: "relu")(input);
        x = BatchNormalization()(x);
        x = MaxPool2D(3, strides: 2)(x);
        x = Flatten()(x);
        x = Dense(16, activation: "relu")(x);
        x = Dropout(0.5)(x);
        return Model(input, Dense(3, activation: "softmax")(x));
    }

    private static (NDArray X, NDArray Y) Data()
    {
        var random = new RandomStream(11, RandomPurpose.User);
        var x = new NDArray([10, 16, 16, 3]);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle();
        }
        var y = new NDArray([10]);
        for (int i = 0; i < 10; i++)
        {
            y.Values[i] = i % 3;
        }
        return (x, y);
    }

    // The two models' layers have different names, since names count on in a process.
    private static Dictionary<string, NDArray> Renamed(IReadOnlyDictionary<string, NDArray> state, Model from, Model to)
    {
        Dictionary<string, NDArray> result = new() { ["iterations"] = state["iterations"] };
        for (int i = 0; i < from.Weights.Count; i++)
        {
            if (state.TryGetValue($"{from.Weights[i].Path}/momentum", out NDArray? slot))
            {
                result[$"{to.Weights[i].Path}/momentum"] = slot;
            }
        }
        return result;
    }
}

/// <inheritdoc/>
public sealed class ReproducibilityOnCpuTests() : ReproducibilityTests(Device.Cpu);

/// <inheritdoc/>
public sealed class ReproducibilityOnPortableTests() : ReproducibilityTests(Device.Portable);
