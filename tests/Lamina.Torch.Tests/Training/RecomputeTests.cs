using Lamina.Torch.Tests.Profiling;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Training;

/// <summary>Training that computes activations again is the same training, to the bit, in less memory.</summary>
public abstract class RecomputeTests(Device device)
{
    [Fact]
    public void Weights_statistics_and_losses_are_the_same_to_the_bit()
    {
        (float[][] Weights, double[] Losses) kept = Train(recompute: false);
        (float[][] Weights, double[] Losses) again = Train(recompute: true);
        Assert.Equal(kept.Losses, again.Losses);
        Assert.Equal(kept.Weights, again.Weights);
    }

    [Fact]
    public void Any_borders_give_the_same_gradients()
    {
        Model model = EveryLayer.Build();
        (NDArray x, NDArray y) = EveryLayer.Data();
        Symbol logits = model.Outputs[0].Producer.Inputs[0];
        int steps = new PlanProgram(model.Inputs, [logits], training: true, device).Steps.Length;
        float[][] expected = Gradients(model, logits, x, null);
        var random = new RandomStream(4, RandomPurpose.User);
        List<int[]> choices =
        [
            [.. Enumerable.Range(0, steps)],
            [0, steps - 1],
            [0, 1],
        ];
        for (int i = 0; i < 12; i++)
        {
            int some = 1 + random.NextInt32(6);
            choices.Add([
                .. Enumerable.Range(0, some).Select(_ => 1 + random.NextInt32(steps - 1)).Append(0).Distinct().Order(),
            ]);
        }
        foreach (int[] segments in choices)
        {
            Assert.Equal(expected, Gradients(model, logits, x, segments));
        }
    }

    [Fact]
    public void The_peak_is_lower_and_is_what_the_plan_says()
    {
        Model model = EveryLayer.Build();
        const int batch = 32;
        MemoryUse kept = model.TrainingMemory(batch, device: device);
        MemoryUse again = model.TrainingMemory(batch, recompute: true, device: device);
        Assert.InRange(again.Peak, 1, kept.Peak);
        if (device == Device.Cpu)
        {
            // By the dispatcher, the peak is in the normalization after the first layer, where nothing can be left out.
            Assert.True(again.Peak < kept.Peak, $"{again.Peak} is not below {kept.Peak}");
            Assert.True(again.Activations < kept.Activations);
        }
        (NDArray x, NDArray y) = EveryLayer.Data(batch);
        var meter = new StorageMeter();
        using StorageMeter.Scope counted = meter.Count();
        using CompiledModel compiled = model.Compile(
            new Sgd(0.01, momentum: 0.9),
            "sparse_categorical_crossentropy",
            recompute: true,
            device: device
        );
        Assert.True(compiled.Recompute);
        model.TrainOnBatch(x, y);
        meter.ResetPeak();
        model.TrainOnBatch(x, y);
        Assert.InRange(meter.PeakBytes, again.Peak * 0.99, again.Peak * 1.01);
    }

    // The borders, the values within a segment and what a kernel makes: 6 + 6 + 4 of 36, with room for the ends.
    [Theory]
    [InlineData(36, 18)]
    [InlineData(100, 28)]
    public void A_deep_chain_needs_about_the_root_of_its_depth(int depth, int most)
    {
        Symbol input = Input(256);
        Symbol x = Dense(256)(input);
        for (int i = 0; i < depth; i++)
        {
            x = Activation("tanh")(x);
        }
        Model model = Model(input, Dense(2)(x));
        const int batch = 64;
        const long one = 4 * 256 * batch;
        MemoryUse kept = model.TrainingMemory(batch, device: device);
        MemoryUse again = model.TrainingMemory(batch, recompute: true, device: device);
        Assert.InRange(kept.Activations, one * depth, one * (depth + 3));
        Assert.InRange(again.Peak - again.Weights - again.OptimizerState, 0, one * most);
        Assert.InRange(again.Activations, one, one * most);
    }

    private (float[][] Weights, double[] Losses) Train(bool recompute)
    {
        Model model = EveryLayer.Build(dropout: 0.4);
        using CompiledModel compiled = model.Compile(
            new Sgd(0.05, momentum: 0.9),
            "sparse_categorical_crossentropy",
            seed: 9,
            recompute: recompute,
            device: device
        );
        List<double> losses = [];
        for (int step = 0; step < 4; step++)
        {
            (NDArray x, NDArray y) = EveryLayer.Data(seed: step);
            losses.Add(model.TrainOnBatch(x, y)["loss"]);
        }
        return ([.. model.Weights.Select(w => w.GetValues())], [.. losses]);
    }

    private float[][] Gradients(Model model, Symbol logits, NDArray x, int[]? segments)
    {
        Dictionary<Weight, float[]> gradients = [];
        float[][] statistics = [.. model.NonTrainableWeights.Select(w => w.GetValues())];
        var step = new StepContext(true, 11, 2);
        using (var plan = new Plan(new PlanProgram(model.Inputs, [logits], training: true, device, segments)))
        {
            using Tensor output = plan.Forward(step, Feed.ToTensors(model, [x], device), takesInputs: true)[0];
            Tensor slope = Aten.Clone(output);
            plan.Backward(
                step,
                [slope],
                (weight, gradient) =>
                {
                    gradients[weight] = gradient.AsSpan().ToArray();
                    gradient.Dispose();
                }
            );
        }
        Assert.NotEqual(statistics[0], model.NonTrainableWeights[0].GetValues());
        float[][] moved = [.. model.NonTrainableWeights.Select(w => w.GetValues())];
        foreach ((Weight weight, float[] values) in model.NonTrainableWeights.Zip(statistics))
        {
            weight.SetValues(values);
        }
        return [.. model.TrainableWeights.Select(w => gradients[w]), .. moved];
    }
}

/// <inheritdoc/>
public sealed class RecomputeOnCpuTests() : RecomputeTests(Device.Cpu);

/// <inheritdoc/>
public sealed class RecomputeOnPortableTests() : RecomputeTests(Device.Portable);
