using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>A training continues in a model that the same code built again, whose layers have other counted names.</summary>
public abstract class SecondRunTests(Device device)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_and_optimizer_state_of_a_saved_model_continue_bit_for_bit(bool frozen)
    {
        using IDisposable scope = Session.BeginScope(seed: 6);
        string folder = Directory.CreateTempSubdirectory("lamina-second-").FullName;
        string path = Path.Combine(folder, "m.lamina");
        try
        {
            Model first = Build(frozen);
            using CompiledModel whole = Compile(first);
            Train(first);
            ModelFile.Save(first, path, new SaveOptions { OptimizerState = whole.GetOptimizerState() });
            Train(first);

            Model second = Build(frozen);
            Assert.NotEqual(first.Layers[1].Name, second.Layers[1].Name);
            ModelFile.LoadWeights(second, path);
            using CompiledModel resumed = Compile(second);
            resumed.SetOptimizerState(ModelFile.Load(path).OptimizerState);
            Train(second);
            Assert.Equal(first.Weights.SelectMany(w => w.GetValues()), second.Weights.SelectMany(w => w.GetValues()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private CompiledModel Compile(Model model) =>
        model.Compile(new Adam(0.01) { EmaMomentum = 0.9 }, "sparse_categorical_crossentropy", device: device);

    private static void Train(Model model)
    {
        var random = new RandomStream(2, RandomPurpose.User);
        var x = new NDArray([4, 6, 6, 2]);
        foreach (ref float value in x.Values)
        {
            value = random.NextSingle();
        }
        for (int step = 0; step < 3; step++)
        {
            model.TrainOnBatch(x, new NDArray([4, 1], new float[] { 0, 1, 2, 0 }));
        }
    }

    private static Model Build(bool frozen)
    {
        Symbol input = Input(6, 6, 2);
        Call<Conv2D> stem = Conv2D(3, 3, activation: "relu", padding: "same");
        stem.Layer.Trainable = !frozen;
        Symbol x = BatchNormalization()(stem(input));
        x = Conv2D(3, 3, activation: "relu", padding: "same")(x);
        x = Conv2D(3, 3, activation: "relu")(x);
        return Model(input, Dense(3, activation: "softmax")(Flatten()(x)));
    }
}

/// <inheritdoc/>
public sealed class SecondRunOnCpuTests() : SecondRunTests(Device.Cpu);

/// <inheritdoc/>
public sealed class SecondRunOnPortableTests() : SecondRunTests(Device.Portable);
