using Extending;
using Lamina.Torch.Tests.Training.Optimizers;

namespace Lamina.Torch.Tests.Training.Extending;

/// <summary>An optimizer of a program's own, with all that surrounds one.</summary>
public sealed class SignMomentumTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-sign-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Two_steps_are_those_by_hand()
    {
        Model model = TinyModels.Line(1, 2, 3);
        model.Compile(new SignMomentum(0.1, weightDecay: 0.5), "mse");
        var x = new NDArray([1, 2], (float[])[1, 0]);
        // y = 4 and a target of 0: the gradient is 2·4·(1, 0) and 8 of the bias; the decay is 0.05 of a weight.
        model.TrainOnBatch(x, new NDArray([1, 1]));
        TinyModels.AssertNear([1 - 0.05 - 0.1, 2 - 0.1], model.Weights[0]);
        TinyModels.AssertNear([3 - 0.15 - 0.1], model.Weights[1]);
        // The momentum is 0.08. A target that turns the gradient weakly does not yet turn its average.
        float y = model.Predict(x).Values[0];
        model.TrainOnBatch(x, new NDArray([1, 1], (float[])[y + 0.3f]));
        TinyModels.AssertNear([(0.85 * 0.95) - 0.1, 1.9 * 0.95], model.Weights[0]);
    }

    [Fact]
    public void Accumulation_is_one_update_of_the_whole_batch()
    {
        (NDArray x, NDArray y) = TinyModels.Data(8);
        Model whole = TinyModels.Network(4);
        whole.Compile(new SignMomentum(0.01), "sparse_categorical_crossentropy");
        Model parts = TinyModels.Network(4);
        parts.Compile(new SignMomentum(0.01) { GradientAccumulationSteps = 2 }, "sparse_categorical_crossentropy");
        whole.TrainOnBatch(x, y);
        parts.TrainOnBatch(x.Samples(0, 4), y.Samples(0, 4));
        parts.TrainOnBatch(x.Samples(4, 4), y.Samples(4, 4));
        for (int i = 0; i < whole.Weights.Count; i++)
        {
            TinyModels.AssertNear([.. whole.Weights[i].GetValues().Select(v => (double)v)], parts.Weights[i], 1e-5);
        }
    }

    [Fact]
    public void Clipping_rules_and_averages_surround_it_as_any()
    {
        Model model = TinyModels.Line(1, 2, 3);
        using CompiledModel compiled = model.Compile(
            new SignMomentum(0.1, beta2: 0.5)
            {
                ClipValue = 2,
                EmaMomentum = 0.75,
                Rules = [new WeightRule("bias", 3)],
            },
            "mse"
        );
        var x = new NDArray([1, 2], (float[])[1, 0]);
        model.TrainOnBatch(x, new NDArray([1, 1]));
        TinyModels.AssertNear([0.9, 2], model.Weights[0]);
        TinyModels.AssertNear([2.7], model.Weights[1]);
        // Half of the clipped gradient.
        Assert.Equal(1, compiled.GetOptimizerState()["line/kernel/momentum"].Values[0], 1e-6);
        compiled.SwapAverages();
        TinyModels.AssertNear([(0.75 * 1) + (0.25 * 0.9), 2], model.Weights[0]);
    }

    [Fact]
    public void Its_steps_are_those_of_a_loop_over_elements()
    {
        var random = new RandomStream(3, RandomPurpose.User);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];

        // More than what is computed at once, with a rest.
        const int Count = 150_001;
        float[] initial = Draw(Count);
        float[][] gradients = [Draw(Count), Draw(Count), Draw(Count)];
        float[] expected = [.. initial];
        Loop(expected, gradients);
        foreach (Device device in TestDevices.All)
        {
            UpdateKernels kernels = Backends.For(device).Updates(null);
            var optimizer = new SignMomentum(0.01, weightDecay: 0.1);
            using var rule = new OptimizerRule(optimizer, Shape.Of(Count), device, kernels);
            using Tensor weight = Tensor.FromSpan(initial, [Count]);
            using Tensor momentum = Tensor.Zeros([Count]);
            for (int step = 0; step < gradients.Length; step++)
            {
                using Tensor gradient = Tensor.FromSpan(gradients[step], [Count]);
                rule.Run(weight, gradient, [momentum], new WeightStep(kernels, step + 1, 0.01));
            }
            float[] actual = weight.AsSpan().ToArray();
            Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-6);
        }
    }

    private static void Loop(float[] w, float[][] gradients)
    {
        var m = new float[w.Length];
        foreach (float[] g in gradients)
        {
            for (int i = 0; i < w.Length; i++)
            {
                w[i] -= 0.01f * (MathF.Sign((0.9f * m[i]) + ((1 - 0.9f) * g[i])) + (0.1f * w[i]));
                m[i] = (0.99f * m[i]) + ((1 - 0.99f) * g[i]);
            }
        }
    }

    [Theory]
    [InlineData(0, "cpu")]
    [InlineData(7, "cpu")]
    [InlineData(17, "cpu")]
    [InlineData(7, "portable")]
    public void A_stopped_run_goes_on_to_the_same_bytes(int moment, string device)
    {
        RunResult whole = Begin("whole").Run();
        ResumedRun stopped = Begin("stopped");
        stopped.StopAt = i => i == moment;
        Assert.True(stopped.Run().Cancelled);
        whole.AssertSame(Begin("stopped").Run());

        ResumedRun Begin(string name) =>
            new(Device.Parse(device), Path.Combine(_root, name))
            {
                Optimizer = () =>
                    new SignMomentum(0.01) { Schedule = new Triangular(1e-3, 1e-2, 4), EmaMomentum = 0.7 },
            };
    }

    [Fact]
    public void A_config_that_is_registered_is_read_with_its_options()
    {
        Optimizer.Register(
            "sign_momentum",
            c => new SignMomentum(c["learning_rate"]!.GetValue<double>(), c["beta_1"]!.GetValue<double>())
        );
        LearningRateSchedule.Register("triangular", Triangular.Read);
        var rule = new SignMomentum(beta1: 0.8)
        {
            Schedule = new Triangular(0.01, 0.1, 5),
            ClipNorm = 2,
            GradientAccumulationSteps = 3,
        };
        var read = Optimizer.FromConfig(rule.GetConfig());
        Assert.Equal(rule.GetConfig().ToJsonString(), read.GetConfig().ToJsonString());
        Assert.Equal((0.01, 3), (read.LearningRate, read.GradientAccumulationSteps));
        Assert.Equal(rule.Schedule, read.Schedule);
    }

    [Theory]
    [InlineData("average")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_slot_needs_a_name_of_its_own(string slot)
    {
        Model model = TinyModels.Line(1, 2, 3);
        string message = Assert.Throws<LaminaException>(() => model.Compile(new Odd(slot), "mse")).Message;
        Assert.Contains($"the slot name '{slot}'", message, StringComparison.Ordinal);
    }

    private sealed class Odd(string slot) : Optimizer("odd", 1)
    {
        protected override IReadOnlyList<string> SlotNames => [slot];

        protected override UpdatedWeight Update(WeightUpdate update) => new(update.Weight, update.Slots);
    }
}
