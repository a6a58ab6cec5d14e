using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Where paths part and meet, and where a layer or a model is used twice, gradients add up.</summary>
public abstract class BranchGradientTests(Device device)
{
    [Fact]
    public void Gradients_of_branches_and_shared_layers_follow_central_differences()
    {
        Session.SetRandomSeed(21);
        Symbol inner = Input(6);
        Model tower = Model(inner, Dense(6, activation: "tanh")(inner));
        Symbol input = Input(6);
        Call<Dense> shared = Dense(6, activation: "sigmoid");
        Symbol once = shared(input);
        Symbol twice = tower.Apply(shared(Add()(once, input)));
        Symbol x = Concatenate()(once, twice, tower.Apply(input));
        Model model = Model(input, Dense(3, activation: "softmax")(x));

        var random = new RandomStream(5, RandomPurpose.User);
        var inputs = new NDArray([5, 6]);
        foreach (ref float value in inputs.Values)
        {
            value = (2 * random.NextSingle()) - 1;
        }
        var labels = new NDArray([5], new float[] { 0, 1, 2, 1, 0 });
        using CompiledModel compiled = model.Compile(new Sgd(1), "sparse_categorical_crossentropy", device: device);

        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        model.TrainOnBatch(inputs, labels);
        float[][] after = [.. model.Weights.Select(w => w.GetValues())];
        for (int w = 0; w < before.Length; w++)
        {
            model.Weights[w].SetValues(before[w]);
        }
        double Loss() => model.TestOnBatch(inputs, labels)["loss"];
        const float Step = 0.02f;
        for (int w = 0; w < before.Length; w++)
        {
            for (int i = 0; i < before[w].Length; i += 5)
            {
                float[] moved = [.. before[w]];
                moved[i] = before[w][i] + Step;
                model.Weights[w].SetValues(moved);
                double above = Loss();
                moved[i] = before[w][i] - Step;
                model.Weights[w].SetValues(moved);
                double below = Loss();
                model.Weights[w].SetValues(before[w]);
                Assert.Equal((above - below) / (2 * Step), before[w][i] - after[w][i], 2e-4);
            }
        }
    }
}

/// <inheritdoc/>
public sealed class BranchGradientOnCpuTests() : BranchGradientTests(Device.Cpu);

/// <inheritdoc/>
public sealed class BranchGradientOnPortableTests() : BranchGradientTests(Device.Portable);
