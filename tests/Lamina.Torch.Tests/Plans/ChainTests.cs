using static Lamina.Layers;

namespace Lamina.Torch.Tests.Plans;

/// <summary>Which steps an inference plan joins to be computed by rows, and that results stay the same.</summary>
public class ChainTests
{
    private static int ChainsOf(Model model, Device device) =>
        new PlanProgram(model.Inputs, model.Outputs, training: false, device).Steps.Count(s =>
            s.Kernel.Nodes.Count > 1
        );

    // The inverted residual blocks of MobileNetV2.
    private static Model Blocks(bool inside = false, bool twice = false)
    {
        Symbol input = Input(30, 30, 8);
        Symbol x = Block(input, 16, 1, out Symbol between);
        x = Block(x, 16, 1, out _);
        x = Block(x, 24, 2, out Symbol reduced);
        Symbol pooled = GlobalAveragePooling2D()(x);
        pooled = twice ? Concatenate()(pooled, GlobalAveragePooling2D()(reduced)) : pooled;
        Symbol output = Dense(5)(pooled);
        Model model = inside ? Model([input], [output, between]) : Model(input, output);
        var random = new RandomStream(4, RandomPurpose.User);
        foreach (Weight weight in model.Weights)
        {
            float low = weight.Name is "moving_variance" ? 0.3f : -0.5f;
            weight.SetValues([.. weight.GetValues().Select(_ => low + random.NextSingle())]);
        }
        return model;
    }

    private static Symbol Block(Symbol x, int filters, int strides, out Symbol between)
    {
        int channels = x.Shape[3]!.Value;
        Symbol y = BatchNormalization()(Conv2D(channels * 6, 1, useBias: false)(x));
        between = ReLU(maxValue: 6)(y);
        y = DepthwiseConv2D(3, strides, padding: "same", useBias: false)(between);
        between = ReLU(maxValue: 6)(BatchNormalization()(y));
        y = BatchNormalization()(Conv2D(filters, 1, useBias: false)(between));
        return strides == 1 && channels == filters ? Add()(x, y) : y;
    }

    private static NDArray Images(int count)
    {
        var random = new RandomStream(5, RandomPurpose.User);
        var images = new NDArray(Shape.Of(count, 30, 30, 8));
        foreach (ref float value in images.Values)
        {
            value = random.NextSingle() - 0.5f;
        }
        return images;
    }

    private static void AssertAsPortable(Model model, int count)
    {
        NDArray images = Images(count);
        IReadOnlyList<NDArray> expected = model.PredictAll([images], count, Device.Portable);
        IReadOnlyList<NDArray> actual = model.PredictAll([images], count, Device.Cpu);
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
    public void Inverted_residual_blocks_are_one_step_each()
    {
        if (VectorWidth.Widest != 256)
        {
            Assert.Skip("Joined are the algorithms that 256-bit vectors have.");
        }
        Model model = Blocks();
        Assert.Equal(3, ChainsOf(model, Device.Cpu));
        Assert.Equal(0, ChainsOf(model, Device.Portable));
        AssertAsPortable(model, 1);
        AssertAsPortable(model, 5);
    }

    [Fact]
    public void A_value_inside_of_a_chain_that_is_wanted_or_read_twice_is_computed()
    {
        AssertAsPortable(Blocks(inside: true), 2);
        AssertAsPortable(Blocks(twice: true), 2);
    }

    [Fact]
    public void A_chain_follows_every_change_of_weights_and_statistics()
    {
        Model model = Blocks();
        AssertAsPortable(model, 2);
        foreach (Weight weight in model.Weights)
        {
            weight.SetValues([.. weight.GetValues().Select(v => (1.25f * v) + 0.125f)]);
            AssertAsPortable(model, 2);
        }
    }

    [Fact]
    public void Pixels_that_are_no_numbers_reach_the_result()
    {
        Model model = Blocks();
        NDArray images = Images(2);
        images.Values[^1] = float.NaN;
        float[] y = model.Predict(images, 2, Device.Cpu).Values.ToArray();
        Assert.All(y[..5], v => Assert.True(float.IsFinite(v)));
        Assert.All(y[5..], v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void The_memory_of_a_plan_has_no_values_inside_of_chains()
    {
        if (VectorWidth.Widest != 256)
        {
            Assert.Skip("Joined are the algorithms that 256-bit vectors have.");
        }
        Model model = Blocks();
        long Peak(Device device) =>
            PlanMemory.Of(new PlanProgram(model.Inputs, model.Outputs, training: false, device), 8).Peak;
        Assert.True(Peak(Device.Cpu) < Peak(Device.Portable) / 2);
    }
}
