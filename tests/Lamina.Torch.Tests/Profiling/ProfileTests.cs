namespace Lamina.Torch.Tests.Profiling;

/// <summary>A profile names what ran, counts its work, and leaves the model as it was.</summary>
public sealed class ProfileTests
{
    private static readonly ProfileOptions s_short = new()
    {
        WarmUp = 1,
        Rounds = 3,
        Duration = TimeSpan.Zero,
    };

    [Fact]
    public void A_training_profile_has_every_kernel_once_each_way()
    {
        Model model = EveryLayer.Build();
        float[][] before = [.. model.Weights.Select(w => w.GetValues())];
        ModelProfile profile = model.Profile(8, s_short with { Optimizer = new Adam(0.1) });
        Assert.Equal(before, model.Weights.Select(w => w.GetValues()));
        Assert.Null(model.Compiled);

        Assert.Equal((8, true, 3), (profile.BatchSize, profile.Training, profile.Rounds));
        KernelTime[] forward = [.. profile.Kernels.Where(k => k.Part == StepPart.Forward)];
        KernelTime[] backward = [.. profile.Kernels.Where(k => k.Part == StepPart.Backward)];
        Assert.Equal(StepPart.Feed, profile.Kernels[0].Part);
        Assert.Equal("rescaling", forward[0].Layer);
        // Nothing is trained before the first convolution; every other kernel goes back, in the other order. Of the loss,
        // what prepares the targets does not.
        Assert.Equal(
            forward.Skip(1).Where(k => k.Op is not ("one_hot" or "sum")).Select(k => (k.Layer, k.Op)).Order(),
            backward.Select(k => (k.Layer, k.Op)).Order()
        );
        Assert.Equal(["log_likelihood", "negative"], backward.Where(k => k.Layer == "loss").Select(k => k.Op).Order());
        Assert.Equal(
            model.TrainableWeights.Select(w => (w.Layer.Name, w.Name)).Order(),
            profile.Kernels.Where(k => k.Part == StepPart.Update).Select(k => (k.Layer, k.Op)).Order()
        );
        Assert.Single(profile.Kernels, k => k.Part == StepPart.Loss);
        Assert.All(profile.Kernels, k => Assert.InRange(k.Time, TimeSpan.Zero, profile.Step * 2));
        Assert.True(profile.LowerQuartile <= profile.Step && profile.Step <= profile.UpperQuartile);
    }

    [Fact]
    public void Work_is_that_of_the_direct_algorithm()
    {
        Model model = EveryLayer.Build();
        ModelProfile profile = model.Profile(4, s_short);
        ModelCost cost = ModelCost.Of(model);
        long once = 2 * 4 * cost.MultiplyAdds;
        long first = 2 * 4 * cost.Layers.First(l => l.Layer is Conv2D).MultiplyAdds;
        Assert.Equal(once, profile.Kernels.Where(k => k.Part == StepPart.Forward).Sum(k => k.Flops));
        // Each product has two gradients, but nobody wants that of the images.
        Assert.Equal((2 * once) - first, profile.Kernels.Where(k => k.Part == StepPart.Backward).Sum(k => k.Flops));

        // By hand: the first dense layer reads (4, 288), (288, 64) and (64), and writes (4, 64).
        KernelTime dense = profile.Kernels.First(k => k is { Layer: "dense", Op: "linear" });
        Assert.Equal(2 * 4 * 288 * 64, dense.Flops);
        Assert.Equal(4 * ((4 * 288) + (288 * 64) + 64 + (4 * 64)), dense.Bytes);
        KernelTime update = profile.Kernels.First(k => k is { Layer: "dense", Op: "kernel", Part: StepPart.Update });
        // The weight and its momentum are read and written, the gradient is read.
        Assert.Equal(5 * 4 * 288 * 64, update.Bytes);
        KernelTime view = profile.Kernels.First(k => k.Layer == "flatten");
        Assert.Equal(("view", 0, 0), (view.Algorithm, view.Bytes, view.Flops));
    }

    [Fact]
    public void Shares_are_of_the_step_and_of_the_limit_that_binds()
    {
        var machine = new MachineSpeed(FlopsPerSecond: 100e9, BytesPerSecond: 10e9);
        var heavy = new KernelTime(
            StepPart.Forward,
            "conv",
            "convolution",
            "",
            TimeSpan.FromMilliseconds(20),
            Flops: 1_000_000_000,
            Bytes: 1_000_000
        );
        KernelTime light = heavy with { Flops = 0, Bytes = 50_000_000, Time = TimeSpan.FromMilliseconds(5) };
        Model model = EveryLayer.Build();
        ModelProfile profile = model.Profile(1, s_short) with
        {
            Kernels = [heavy, light],
            Step = TimeSpan.FromMilliseconds(40),
            Machine = machine,
        };
        Assert.Equal(0.5, profile.ShareOf(heavy));
        Assert.Equal(0.5, profile.PeakShareOf(heavy), 6);
        Assert.Equal(1, profile.PeakShareOf(light), 6);
        Assert.Equal((true, false), (profile.IsBoundByArithmetic(heavy), profile.IsBoundByArithmetic(light)));
        Assert.Equal(TimeSpan.FromMilliseconds(15), profile.Rest);
        Assert.Equal(50e9, heavy.FlopsPerSecond);
    }

    [Fact]
    public void Inference_runs_what_predicting_runs()
    {
        Model model = EveryLayer.Build();
        ModelProfile profile = model.Profile(2, s_short with { Training = false });
        Assert.All(profile.Kernels, k => Assert.True(k.Part is StepPart.Feed or StepPart.Forward));
        KernelTime convolution = profile.Kernels.First(k => k.Op == "convolution");
        Assert.EndsWith("+ ReLU", convolution.Algorithm, StringComparison.Ordinal);
        Assert.Contains("+ ReLU", profile.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_tensors_are_counted_and_nothing_is_left()
    {
        Model model = EveryLayer.Build();
        model.Predict(EveryLayer.Data(1).X);
        var meter = new StorageMeter();
        ModelProfile profile;
        using (meter.Count())
        {
            profile = model.Profile(16, s_short);
        }
        Assert.Equal((0, 0), (meter.Tensors, meter.Bytes));
        Assert.InRange(profile.PeakTensorBytes, profile.Memory.Peak * 0.99, profile.Memory.Peak * 1.01);
        Assert.True(profile.PeakResidentBytes > profile.PeakTensorBytes);
        string text = profile.ToString();
        Assert.Contains("peak, computed", text, StringComparison.Ordinal);
        Assert.Contains("activations", text, StringComparison.Ordinal);
    }
}
