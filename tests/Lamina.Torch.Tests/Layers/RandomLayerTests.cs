using Lamina.Torch.Tests.Interop;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.LayerTests;

/// <summary>Layers that are random in training: what they draw, and that inference does without them.</summary>
public class RandomLayerTests
{
    private static readonly NDArray s_images = Numbered(40, 6, 5, 2);

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static Dictionary<string, Func<Symbol, Symbol>> Cases { get; } =
        new()
        {
            ["flip"] = x => RandomFlip()(x),
            ["translation"] = x => RandomTranslation(0.3, 0.2)(x),
            ["rotation"] = x => RandomRotation(0.2)(x),
            ["zoom"] = x => RandomZoom(0.3)(x),
            ["contrast"] = x => RandomContrast(0.5)(x),
            ["brightness"] = x => RandomBrightness(0.5)(x),
            ["noise"] = x => GaussianNoise(0.5)(x),
            ["gaussian dropout"] = x => GaussianDropout(0.5)(x),
            ["alpha dropout"] = x => AlphaDropout(0.5)(x),
            ["spatial dropout"] = x => SpatialDropout2D(0.5)(x),
        };

    [Theory]
    [MemberData(nameof(Names))]
    public void Prediction_returns_the_input_and_computes_nothing(string name)
    {
        Symbol input = Input(6, 5, 2);
        var model = new Model(input, Cases[name](input));
        Assert.Equal(s_images.Values.ToArray(), model.Predict(s_images).Values.ToArray());
        var program = new PlanProgram(model.Inputs, model.Outputs, training: false, Device.Cpu);
        Assert.Empty(program.Steps);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_differ_by_step_and_seed_and_repeat_for_the_same(string name)
    {
        foreach (Device device in TestDevices.All)
        {
            float[] first = Train(Cases[name], device, seed: 1, step: 0);
            Assert.Equal(first, Train(Cases[name], device, seed: 1, step: 0));
            Assert.NotEqual(first, Train(Cases[name], device, seed: 1, step: 1));
            Assert.NotEqual(first, Train(Cases[name], device, seed: 2, step: 0));
            Assert.NotEqual(first, s_images.Values.ToArray());
        }
    }

    // Ranges of one value leave nothing to chance, so Keras's results can be compared; in the order of the goldens.
    [Fact]
    public void Transforms_are_Kerass()
    {
        GoldenModel golden = GoldenModel.Read("keras/keras3", "augmentations");
        Func<Symbol, Symbol>[] layers =
        [
            x => RandomRotation((0.07, 0.07))(x),
            x => RandomRotation((-0.2, -0.2), "constant", fillValue: 3)(x),
            x => RandomRotation((0.11, 0.11), "nearest", "nearest")(x),
            x => RandomTranslation((0.2, 0.2), (-0.4, -0.4))(x),
            x => RandomTranslation((0.25, 0.25), (0.35, 0.35), "wrap")(x),
            x => RandomZoom((0.3, 0.3), (-0.2, -0.2))(x),
            x => RandomZoom((-0.4, -0.4), fillMode: "nearest")(x),
            x => RandomBrightness((0.3, 0.3), (0, 9))(x),
        ];
        Assert.Equal(layers.Length, golden.Outputs.Count);
        for (int i = 0; i < layers.Length; i++)
        {
            foreach (Device device in TestDevices.All)
            {
                float[] y = Train(layers[i], device, seed: 1, step: 0, golden.Inputs[0]);
                for (int k = 0; k < y.Length; k++)
                {
                    Assert.Equal(golden.Outputs[i].Values[k], y[k], 2e-5f);
                }
            }
        }
    }

    [Fact]
    public void Every_flip_occurs_and_nothing_else()
    {
        float[] y = Train(x => RandomFlip()(x), Device.Cpu, 3, 0);
        var seen = new int[4];
        for (int n = 0; n < 40; n++)
        {
            bool down = y[n * 60] != s_images[n, 0, 0, 0] && y[n * 60] != s_images[n, 0, 4, 0];
            bool across = y[n * 60] == s_images[n, 0, 4, 0] || y[n * 60] == s_images[n, 5, 4, 0];
            seen[(down ? 2 : 0) + (across ? 1 : 0)]++;
            for (int i = 0; i < 60; i++)
            {
                (int r, int c, int k) = (i / 10, i / 2 % 5, i % 2);
                Assert.Equal(s_images[n, down ? 5 - r : r, across ? 4 - c : c, k], y[(n * 60) + i]);
            }
        }
        Assert.All(seen, count => Assert.InRange(count, 3, 20));
    }

    [Fact]
    public void A_random_crop_is_a_window_of_the_image()
    {
        HashSet<(int, int)> places = [];
        for (int step = 0; step < 3; step++)
        {
            AssertWindows(Train(x => RandomCrop(4, 3)(x), Device.Portable, 3, step), places);
        }
        Assert.Equal(9, places.Count);
    }

    private static void AssertWindows(float[] y, HashSet<(int, int)> places)
    {
        for (int n = 0; n < 40; n++)
        {
            // Each value tells where it came from.
            int start = (int)y[n * 24] % 60;
            (int top, int left) = (start / 10, start / 2 % 5);
            places.Add((top, left));
            Assert.InRange(top, 0, 2);
            Assert.InRange(left, 0, 2);
            for (int i = 0; i < 24; i++)
            {
                Assert.Equal(s_images[n, top + (i / 6), left + (i / 2 % 3), i % 2], y[(n * 24) + i]);
            }
        }
    }

    [Fact]
    public void Random_values_have_their_distribution()
    {
        var zeros = new NDArray([2000, 1]);
        float[] uniform = Train(x => Lambda(s => Ops.RandomUniform(s, [10], -1, 3))(x), Device.Cpu, 1, 0, zeros);
        float[] normal = Train(x => Lambda(s => Ops.RandomNormal(s, [10], 2, 0.5))(x), Device.Cpu, 1, 0, zeros);
        Assert.InRange(uniform.Average(), 1 - 0.03, 1 + 0.03);
        Assert.InRange(uniform.Min(), -1, -0.99);
        Assert.InRange(uniform.Max(), 2.99, 3);
        Assert.InRange(normal.Average(), 2 - 0.015, 2 + 0.015);
        Assert.InRange(normal.Select(v => (v - 2) * (v - 2)).Average(), 0.25 - 0.01, 0.25 + 0.01);
        Assert.NotEqual(normal[..10], normal[10..20]);
    }

    [Fact]
    public void A_model_trains_through_random_layers_and_resumes_alike()
    {
        double[] Losses(int split)
        {
            Session.Clear();
            Session.SetRandomSeed(1);
            Symbol input = Input(6, 5, 2);
            Symbol x = Conv2D(3, 3)(RandomZoom(0.2)(RandomFlip("horizontal")(Rescaling(1 / 60.0)(input))));
            var model = new Model(input, Dense(2, activation: "softmax")(Flatten()(GaussianNoise(0.1)(x))));
            model.Compile(new Sgd(0.05), "sparse_categorical_crossentropy");
            var labels = new NDArray([40], (float[])[.. Enumerable.Range(0, 40).Select(i => (float)(i % 2))]);
            return [.. Enumerable.Range(0, split).Select(_ => model.TrainOnBatch(s_images, labels)["loss"])];
        }
        double[] losses = Losses(6);
        Assert.Equal(losses, Losses(6));
        Assert.True(losses.All(double.IsFinite));
    }

    private static float[] Train(
        Func<Symbol, Symbol> build,
        Device device,
        long seed,
        long step,
        NDArray? images = null
    )
    {
        images ??= s_images;
        Symbol input = Input(images.Shape.Sample);
        Symbol output = build(input);
        using var plan = new Plan(
            new PlanProgram(new OpGraph([input], [output], training: true), training: false, device)
        );
        Tensor fed = Tensor.FromSpan(images.Values, [.. images.Shape.Select(d => (long)d!.Value)]);
        using Tensor result = plan.Forward(new StepContext(true, seed, step), [fed], takesInputs: true)[0];
        var values = new float[result.Count];
        result.CopyTo(values);
        return values;
    }

    private static NDArray Numbered(params int[] dims)
    {
        var images = new NDArray(Shape.Of(dims));
        for (int i = 0; i < images.Values.Length; i++)
        {
            images.Values[i] = i % 60 + (i / 60 % 3 * 60);
        }
        return images;
    }
}
