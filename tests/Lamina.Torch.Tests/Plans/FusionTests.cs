using static Lamina.Layers;

namespace Lamina.Torch.Tests.Plans;

/// <summary>Which ops of a network the compiler of inference plans computes in one step, and that results stay the same.</summary>
public class FusionTests
{
    private static string[] StepsOf(Model model, Device device) =>
        [
            .. new PlanProgram(model.Inputs, model.Outputs, training: false, device).Steps.SelectMany(s =>
                s.Kernel.Nodes.Select(n => n.Op.Name)
            ),
        ];

    private static Model Residual(bool shared = false)
    {
        Symbol input = Input(12, 12, 8);
        Symbol x = Activation("relu")(BatchNormalization()(Conv2D(16, 3, padding: "same", useBias: false)(input)));
        Symbol y = Activation("relu")(BatchNormalization()(Conv2D(16, 3, padding: "same")(x)));
        y = BatchNormalization()(Conv2D(16, 1)(y));
        Symbol shortcut = BatchNormalization()(Conv2D(16, 1, useBias: false)(x));
        Symbol sum = Activation("relu")(Add()(shortcut, y));
        Symbol z = ReLU(maxValue: 6)(BatchNormalization()(DepthwiseConv2D(3, strides: 2, padding: "same")(sum)));
        z = BatchNormalization()(Conv2D(24, 3, activation: "relu")(z));
        Symbol flat = Flatten()(z);
        Symbol output = Dense(5)(Activation("relu")(BatchNormalization()(Dense(9)(flat))));
        Model model = shared ? Model([input], [output, y]) : Model(input, output);
        Randomize(model, 4);
        return model;
    }

    private static void Randomize(Model model, int seed)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        foreach (Weight weight in model.Weights)
        {
            float[] values = weight.GetValues();
            float low = weight.Name is "moving_variance" ? 0.3f : -0.5f;
            foreach (ref float value in values.AsSpan())
            {
                value = low + random.NextSingle();
            }
            weight.SetValues(values);
        }
    }

    private static NDArray Images(int count)
    {
        var images = new NDArray(Shape.Of(count, 12, 12, 8));
        var random = new RandomStream(5, RandomPurpose.User);
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle() - 0.5f;
        }
        return images;
    }

    private static void AssertAsPortable(Model model, int count)
    {
        NDArray images = Images(count);
        float[] expected = model.Predict(images, count, Device.Portable).Values.ToArray();
        float[] actual = model.Predict(images, count, Device.Cpu).Values.ToArray();
        float largest = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 2e-5f * largest));
    }

    [Fact]
    public void Normalizations_sums_and_activations_run_in_the_step_before_them()
    {
        if (VectorWidth.Widest == 128 && !Floats128.IsAccelerated)
        {
            Assert.Skip("The processor has no vectors with fused multiply-add.");
        }
        Model model = Residual();
        Assert.Equal(
            [
                "convolution",
                "convolution",
                "convolution",
                "convolution",
                "convolution",
                "convolution",
                "reshape",
                "linear",
                "linear",
            ],
            StepsOf(model, Device.Cpu)
        );
        Assert.Contains("batch_normalization", StepsOf(model, Device.Portable));
        AssertAsPortable(model, 1);
        AssertAsPortable(model, 5);
    }

    [Fact]
    public void A_value_that_is_wanted_or_read_twice_is_computed()
    {
        Model model = Residual(shared: true);
        NDArray images = Images(3);
        IReadOnlyList<NDArray> expected = model.PredictAll([images], 3, Device.Portable);
        IReadOnlyList<NDArray> actual = model.PredictAll([images], 3, Device.Cpu);
        foreach ((NDArray e, NDArray a) in expected.Zip(actual))
        {
            float largest = e.Values.ToArray().Max(MathF.Abs);
            Assert.All(
                e.Values.ToArray().Zip(a.Values.ToArray()),
                p => Assert.Equal(p.First, p.Second, 2e-5f * largest)
            );
        }
    }

    [Fact]
    public void Predictions_follow_every_change_of_weights_and_statistics()
    {
        Model model = Residual();
        AssertAsPortable(model, 2);
        foreach (
            string name in (ReadOnlySpan<string>)["moving_mean", "moving_variance", "gamma", "beta", "bias", "kernel"]
        )
        {
            foreach (Weight weight in model.Weights.Where(w => w.Name == name))
            {
                weight.SetValues([.. weight.GetValues().Select(v => (1.25f * v) + 0.125f)]);
            }
            AssertAsPortable(model, 2);
        }
        model.Compile(new Sgd(0.05), "mse");
        model.TrainOnBatch(Images(4), new NDArray(Shape.Of(4, 5)));
        AssertAsPortable(model, 2);
    }

    [Fact]
    public void A_sum_of_two_convolutions_is_computed_by_one_of_them()
    {
        Symbol input = Input(6, 6, 8);
        Symbol a = Conv2D(8, 3, padding: "same")(input);
        Symbol b = Conv2D(8, 1)(input);
        Symbol broadcast = Conv2D(8, 6)(input);
        Model model = Model(input, Add()(Add()(a, b), Add()(broadcast, input)));
        Randomize(model, 8);
        NDArray images = new(Shape.Of(2, 6, 6, 8), Enumerable.Range(0, 576).Select(i => (i % 13) - 6f).ToArray());
        float[] expected = model.Predict(images, 2, Device.Portable).Values.ToArray();
        Assert.All(
            expected.Zip(model.Predict(images, 2, Device.Cpu).Values.ToArray()),
            p => Assert.Equal(p.First, p.Second, 1e-3f)
        );
    }

    [Fact]
    public void Statistics_that_overflow_no_weight_are_applied_exactly()
    {
        Symbol input = Input(4, 4, 8);
        Model model = Model(input, BatchNormalization(epsilon: 1e-30)(Conv2D(8, 1, useBias: false)(input)));
        foreach (Weight weight in model.Weights)
        {
            float value = weight.Name switch
            {
                "kernel" => 1e30f,
                "moving_variance" => 1e-30f,
                "gamma" => 1,
                _ => 0,
            };
            weight.SetValues([.. Enumerable.Repeat(value, weight.GetValues().Length)]);
        }
        // 8 · 1e30 · 1e-30 / √(2e-30); a kernel multiplied by the factor would be infinite.
        NDArray images = new(Shape.Of(1, 4, 4, 8), Enumerable.Repeat(1e-30f, 128).ToArray());
        Assert.All(model.Predict(images, 1, Device.Cpu).Values.ToArray(), v => Assert.Equal(5.657e15f, v, 1e12f));
    }
}
