using static Lamina.Layers;

namespace Lamina.Torch.Tests;

/// <summary>Devices are named as users write them, and one that cannot be used says why in one line.</summary>
public sealed class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceKind.Cpu, 0)]
    [InlineData("CPU", DeviceKind.Cpu, 0)]
    [InlineData("portable", DeviceKind.Portable, 0)]
    [InlineData("cuda", DeviceKind.Cuda, 0)]
    [InlineData("cuda:0", DeviceKind.Cuda, 0)]
    [InlineData("Cuda:12", DeviceKind.Cuda, 12)]
    public void A_name_is_read(string text, DeviceKind kind, int index)
    {
        var device = Device.Parse(text);
        Assert.Equal((kind, index), (device.Kind, device.Index));
        Assert.Equal(device, Device.Parse(device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:+1")]
    [InlineData("cuda: 1")]
    [InlineData("cuda:1:2")]
    [InlineData("cuda:99999999999")]
    public void Another_name_is_refused_in_one_line(string text)
    {
        Assert.False(Device.TryParse(text, out Device device));
        Assert.Equal(Device.Cpu, device);
        string message = Assert.Throws<LaminaException>(() => Device.Parse(text)).Message;
        Assert.StartsWith($"unknown device \"{text}\". Use cpu,", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void No_name_is_no_device()
    {
        Assert.False(Device.TryParse(null, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => Device.Cuda(-1));
        Assert.Equal(Device.Cpu, default);
        Assert.NotEqual(Device.Cpu, Device.Portable);
    }

    [Fact]
    public void Without_CUDA_a_GPU_is_refused_before_anything_moves()
    {
        Assert.SkipWhen(HasCuda(), "This libtorch computes on GPUs.");
        Symbol input = Input(3);
        Model model = Model(input, Dense(2, activation: "softmax")(input));
        float[] before = model.Weights[0].GetValues();
        var x = new NDArray([1, 3]);
        model.Compile(new Sgd(0.1), "sparse_categorical_crossentropy", device: Device.Cuda(1));
        foreach (
            Action use in (Action[])
                [
                    () => model.TrainOnBatch(x, new NDArray([1])),
                    () => model.Evaluate(x, new NDArray([1])),
                    () => model.Predict(x),
                ]
        )
        {
            string message = Assert.Throws<TorchException>(use).Message;
            Assert.StartsWith("cuda:1 cannot be used: ", message, StringComparison.Ordinal);
            Assert.EndsWith(".", message, StringComparison.Ordinal);
        }
        Assert.Null(model.Weights[0].Storage);
        Assert.Equal(before, model.Weights[0].GetValues());
        // Another device can still be asked for.
        Assert.Equal(2, model.Predict(x, device: Device.Cpu).Values.Length);
    }

    [Fact]
    public void A_prediction_runs_where_the_model_is_compiled_for_or_where_it_is_asked_to()
    {
        Symbol input = Input(8, 8, 3);
        Symbol x = MaxPool2D(2)(LocalResponseNormalization()(Conv2D(16, 3, padding: "same")(input)));
        Model model = Model(input, Dense(4, activation: "softmax")(Flatten()(x)));
        var images = new NDArray([3, 8, 8, 3]);
        for (int i = 0; i < images.Values.Length; i++)
        {
            images.Values[i] = i % 7 / 7f;
        }
        float[] cpu = model.Predict(images).Values.ToArray();
        float[] portable = model.Predict(images, device: Device.Portable).Values.ToArray();
        Assert.All(cpu.Zip(portable), p => Assert.Equal(p.First, p.Second, 1e-6f));
        using CompiledModel compiled = model.Compile(
            new Sgd(0.1),
            "sparse_categorical_crossentropy",
            device: Device.Portable
        );
        Assert.Equal(Device.Portable, compiled.Device);
        Assert.Equal(portable, model.Predict(images).Values.ToArray());
        Assert.Equal(cpu, model.Predict(images, device: Device.Cpu).Values.ToArray());
    }

    [Fact]
    public void Each_backend_has_kernels_of_its_own_and_a_profile_names_them()
    {
        Model model = Profiling.EveryLayer.Build();
        ProfileOptions options = new()
        {
            WarmUp = 1,
            Rounds = 1,
            Duration = TimeSpan.Zero,
        };
        string[] cpu = Algorithms(model.Profile(2, options));
        string[] portable = Algorithms(model.Profile(2, options with { Device = Device.Portable }));
        Assert.Contains("SIMD over channels", cpu);
        Assert.DoesNotContain(portable, a => a.Contains("SIMD", StringComparison.Ordinal));

        static string[] Algorithms(ModelProfile profile) =>
            [.. profile.Kernels.Where(k => k.Part is StepPart.Forward or StepPart.Backward).Select(k => k.Algorithm)];
    }

    private static bool HasCuda()
    {
        TorchLibrary.Use();
        return TorchLibrary.HasCuda;
    }
}
