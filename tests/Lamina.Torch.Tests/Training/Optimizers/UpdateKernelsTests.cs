namespace Lamina.Torch.Tests.Training.Optimizers;

/// <summary>The device chooses the update rules once: loops for the CPU, libtorch's ops for all others.</summary>
public class UpdateKernelsTests
{
    public static TheoryData<string> Optimizers =>
        ["sgd", "adam", "adamw", "nadam", "adamax", "adagrad", "adadelta", "rmsprop", "lion", "lamb", "lars"];

    [Fact]
    public void Portable_runs_the_dispatcher_and_no_loop()
    {
        Assert.IsType<SimdUpdates>(Backends.For(Device.Cpu).Updates(null));
        Assert.IsType<DispatcherUpdates>(Backends.For(Device.Portable).Updates(null));
        Assert.IsType<DispatcherUpdates>(Backends.For(Device.Cuda()).Updates(null));
        Model model = TinyModels.Line(1, 2, 3);
        Assert.IsType<SimdUpdates>(model.Compile(new Sgd(), "mse").UpdateKernels);
        Assert.IsType<DispatcherUpdates>(model.Compile(new Sgd(), "mse", device: Device.Portable).UpdateKernels);
    }

    [Fact]
    public void The_work_around_a_rule_is_the_callers_where_a_rule_is_not_one_pass()
    {
        using Tensor a = Tensor.Zeros([3]);
        using Tensor b = Tensor.Zeros([3]);
        Assert.False(new DispatcherUpdates(null).IsOnePass);
        Assert.Throws<ArgumentException>(() =>
            new DispatcherUpdates(null).Blend(a, b, 1, 1, new UpdateContext { Clip = 1 })
        );
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Accumulation_clipping_and_averages_agree_on_both_backends(string name)
    {
        float[][] weights = [.. TestDevices.All.Select(d => Train(name, d))];
        for (int i = 0; i < weights[0].Length; i++)
        {
            Assert.Equal(weights[0][i], weights[1][i], 2e-5);
        }
    }

    [Fact]
    public void The_ratio_of_LARS_and_LAMB_is_1_for_weights_or_steps_of_zeros()
    {
        foreach (UpdateKernels kernels in (UpdateKernels[])[SimdUpdates.Instance, new DispatcherUpdates(null)])
        {
            using Tensor step = Tensor.FromSpan([3, 4], [2]);
            using Tensor weight = Tensor.Zeros([2]);
            double? factor = kernels.Trust(step, weight, new TrustCoefficients(0.5, 1, 0.1));
            Assert.Equal([3f, 4f], step.AsSpan().ToArray().Select(v => v * (float)(factor ?? 1)));
            Assert.True(kernels.Trust(weight, step, new TrustCoefficients(0.5, 1, 0)) is null or 1);
            // 0.5 · 5 / (5 + 0.1 · 5) of the step and its decay.
            using Tensor other = Tensor.FromSpan([3, 4], [2]);
            factor = kernels.Trust(step, other, new TrustCoefficients(0.5, 1, 0.1));
            double moved = factor is null ? step.AsSpan()[0] : (3 + (0.1 * 3)) * factor.Value;
            Assert.Equal(0.5 * 5 / 5.5 * 3.3, moved, 1e-5);
        }
    }

    private static float[] Train(string name, Device device)
    {
        Session.Clear();
        Session.SetRandomSeed(3);
        Model model = TinyModels.Network(3);
        (NDArray x, NDArray y) = TinyModels.Data(5);
        Optimizer optimizer = Optimizer.FromConfig(
            new()
            {
                ["name"] = name,
                ["learning_rate"] = 0.01,
                ["gradient_accumulation_steps"] = 2,
                ["clipvalue"] = 0.1,
                ["clipnorm"] = 0.2,
                ["ema_momentum"] = 0.5,
            }
        );
        CompiledModel compiled = model.Compile(optimizer, "sparse_categorical_crossentropy", device: device);
        for (int i = 0; i < 6; i++)
        {
            model.TrainOnBatch(x, y);
        }
        compiled.SwapAverages();
        return [.. model.Weights.SelectMany(w => w.GetValues())];
    }
}
