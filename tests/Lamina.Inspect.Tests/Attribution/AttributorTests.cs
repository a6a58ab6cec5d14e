using static Lamina.Layers;

namespace Lamina.Inspect.Tests.Attribution;

/// <summary>Attributions of small models against closed forms, their axioms and each other.</summary>
public sealed class AttributorTests
{
    [Fact]
    public void The_saliency_of_a_linear_model_is_its_largest_weight_per_pixel()
    {
        (Model model, float[] kernel) = Linear();
        using var attributor = new Attributor(model);
        AttributionMap map = attributor.Saliency(Image(2, 2, 3), 1);
        Assert.Equal(Shape.Of(2, 2), map.Values.Shape);
        for (int pixel = 0; pixel < 4; pixel++)
        {
            float largest = Enumerable.Range(0, 3).Max(c => Math.Abs(kernel[(((pixel * 3) + c) * 2) + 1]));
            Assert.Equal(largest, map.Values.Values[pixel]);
        }
        Assert.Equal(Shape.Of(2, 2, 3), map.Channels!.Shape);
    }

    [Fact]
    public void Integrated_gradients_of_a_linear_model_are_weight_times_difference()
    {
        (Model model, float[] kernel) = Linear();
        using var attributor = new Attributor(model);
        NDArray image = Image(2, 2, 3);
        NDArray baseline = Image(2, 2, 3, seed: 9);
        AttributionMap map = attributor.IntegratedGradients(
            image,
            0,
            baseline,
            steps: 3,
            cancellation: TestContext.Current.CancellationToken
        );
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(kernel[i * 2] * (image.Values[i] - baseline.Values[i]), map.Channels!.Values[i], 1e-6f);
        }
    }

    [Fact]
    public void Integrated_gradients_add_up_to_the_difference_of_the_scores()
    {
        Model model = Network();
        using var attributor = new Attributor(model);
        NDArray image = Image(12, 12, 2);
        NDArray whole = attributor.Scores(image);
        NDArray nothing = attributor.Scores(new NDArray(image.Shape));
        int most = Enumerable.Range(0, 3).MaxBy(c => Math.Abs(whole[0, c] - nothing[0, c]));
        double difference = whole[0, most] - nothing[0, most];
        Assert.True(Math.Abs(difference) > 0.02, $"{difference}");
        double fine = Math.Abs(Total(300) - difference);
        Assert.True(fine < 2e-3 && fine < Math.Abs(difference) / 20, $"{fine} of {difference}");

        double Total(int steps) =>
            attributor
                .IntegratedGradients(image, most, steps: steps, cancellation: TestContext.Current.CancellationToken)
                .Values.Values.ToArray()
                .Sum(v => (double)v);
    }

    [Fact]
    public void SmoothGrad_without_noise_is_the_saliency_and_is_a_function_of_its_seed()
    {
        using var attributor = new Attributor(Network());
        NDArray image = Image(12, 12, 2);
        float[] plain = attributor.Saliency(image, 0).Values.Values.ToArray();
        float[] still = attributor
            .SmoothGrad(
                image,
                0,
                new SmoothGradOptions { Copies = 18, Noise = 0 },
                cancellation: TestContext.Current.CancellationToken
            )
            .Values.Values.ToArray();
        Assert.All(plain.Zip(still), p => Assert.Equal(18 * p.First, p.Second, 1e-4f));
        var options = new SmoothGradOptions { Copies = 20 };
        float[] noisy = attributor
            .SmoothGrad(image, 0, options, cancellation: TestContext.Current.CancellationToken)
            .Values.Values.ToArray();
        Assert.Equal(
            noisy,
            attributor
                .SmoothGrad(image, 0, options, cancellation: TestContext.Current.CancellationToken)
                .Values.Values.ToArray()
        );
        Assert.NotEqual(
            noisy,
            attributor
                .SmoothGrad(image, 0, options with { Seed = 1 }, cancellation: TestContext.Current.CancellationToken)
                .Values.Values.ToArray()
        );
    }

    [Fact]
    public void Guided_backpropagation_passes_positive_gradients_alone()
    {
        // Two hidden units read one pixel each, and the score subtracts the second.
        Symbol input = Input(1, 2, 1);
        Symbol hidden = Dense(2, activation: "relu")(Flatten()(input));
        Model model = Model(input, Dense(2)(hidden));
        model.Weights[0].SetValues([2, 0, 0, 3]);
        model.Weights[2].SetValues([1, 0, -1, 0]);
        using var attributor = new Attributor(model);
        var image = new NDArray([1, 1, 2, 1], new float[] { 1, 1 });
        Assert.Equal([2f, -3f], attributor.Gradients(image, 0).Values.ToArray());
        Assert.Equal([2f, 0f], attributor.Gradients(image, 0, ReluRule.Guided).Values.ToArray());
        Assert.Equal([2f, 0f], attributor.GuidedBackpropagation(image, 0).Values.Values.ToArray());
    }

    [Fact]
    public void Grad_CAM_of_averaged_maps_is_the_class_activation_map()
    {
        Symbol input = Input(4, 4, 1);
        Symbol maps = Conv2D(3, 3, padding: "same", activation: "relu", name: "maps")(input);
        Model model = Model(input, Dense(2, activation: "softmax")(GlobalAveragePooling2D()(maps)));
        Model toMaps = Model(input, maps);
        NDArray image = Image(4, 4, 1);
        float[] activations = toMaps.Predict(image).Values.ToArray();
        float[] kernel = model.Weights[2].GetValues();
        using var attributor = new Attributor(model);
        float[] map = attributor.GradCam(image, 1).Values.Values.ToArray();
        Assert.Equal(map, attributor.GradCam(image, 1, "maps").Values.Values.ToArray());
        for (int pixel = 0; pixel < 16; pixel++)
        {
            double sum = Enumerable.Range(0, 3).Sum(k => kernel[(k * 2) + 1] / 16 * activations[(pixel * 3) + k]);
            Assert.Equal(Math.Max(0, sum), map[pixel], 1e-6);
        }
    }

    [Fact]
    public void Occlusion_falls_where_the_class_is_and_covers_every_pixel()
    {
        // The score of class 0 is ten times the pixel at (1, 5).
        Symbol input = Input(5, 7, 1);
        Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(input)));
        var kernel = new float[70];
        kernel[((1 * 7) + 5) * 2] = 10;
        model.Weights[0].SetValues(kernel);
        using var attributor = new Attributor(model);
        NDArray image = new([1, 5, 7, 1], Enumerable.Repeat(1f, 35).ToArray());
        AttributionMap map = attributor.Occlusion(
            image,
            0,
            new OcclusionOptions { Window = 1 },
            cancellation: TestContext.Current.CancellationToken
        );
        float drop = (float)((1 / (1 + Math.Exp(-10))) - 0.5);
        for (int pixel = 0; pixel < 35; pixel++)
        {
            Assert.Equal(pixel == 12 ? drop : 0, map.Values.Values[pixel], 1e-5f);
        }
        AttributionMap wide = attributor.Occlusion(
            image,
            0,
            new OcclusionOptions { Window = 3, Stride = 2 },
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal(drop, wide.Values[1, 5], 1e-5f);
        Assert.Equal(0, wide.Values[4, 0], 1e-5f);
        Assert.Throws<LaminaException>(() =>
            attributor.Occlusion(
                image,
                0,
                new OcclusionOptions { Window = 6 },
                cancellation: TestContext.Current.CancellationToken
            )
        );
    }

    [Fact]
    public void Deletion_and_insertion_follow_the_order_of_the_map()
    {
        Symbol input = Input(1, 4, 1);
        Model model = Model(input, Dense(2, activation: "softmax")(Flatten()(input)));
        model.Weights[0].SetValues([8, 0, 0, 0, 0, 0, 0, 0]);
        using var attributor = new Attributor(model);
        var image = new NDArray([1, 1, 4, 1], new float[] { 1, 1, 1, 1 });
        var good = new AttributionMap(0, new NDArray([1, 4], new float[] { 4, 3, 2, 1 }));
        var bad = new AttributionMap(0, new NDArray([1, 4], new float[] { 1, 2, 3, 4 }));
        double high = 1 / (1 + Math.Exp(-8));
        PixelCurve deletion = PixelCurve.Deletion(
            attributor,
            image,
            good,
            steps: 4,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], deletion.Shares);
        Assert.Equal(
            new double[] { high, 0.5, 0.5, 0.5, 0.5 },
            deletion.Probabilities.Select(p => Math.Round(p, 6)).ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-5
        );
        Assert.Equal((0.25 * (high + 0.5) / 2) + (0.75 * 0.5), deletion.Area, 1e-5);
        Assert.True(
            PixelCurve
                .Deletion(attributor, image, bad, steps: 4, cancellation: TestContext.Current.CancellationToken)
                .Area
                > deletion.Area + 0.2
        );
        Assert.True(
            PixelCurve.Insertion(attributor, image, good, 4, cancellation: TestContext.Current.CancellationToken).Area
                >= PixelCurve
                    .Insertion(attributor, image, bad, 4, cancellation: TestContext.Current.CancellationToken)
                    .Area
        );
    }

    [Fact]
    public void Errors_name_the_class_the_layer_and_the_model()
    {
        using var attributor = new Attributor(Network());
        NDArray image = Image(12, 12, 2);
        Assert.Contains("no class 3", Error(() => attributor.Saliency(image, 3)));
        Assert.Contains("no layer 'nowhere'", Error(() => attributor.GradCam(image, 0, "nowhere")));
        Assert.Contains("has no maps", Error(() => attributor.GradCam(image, 0, "flat")));
        Assert.Contains("one image", Error(() => attributor.Saliency(new NDArray([2, 12, 12, 2]), 0)));
        using var plain = new Attributor(Linear().Model);
        Assert.Contains("no convolution", Error(() => plain.GradCam(Image(2, 2, 3), 0)));
        Symbol vector = Input(3);
        Assert.Contains(
            "need a model from images",
            Error(() => new Attributor(Model(vector, Dense(2)(vector))).Dispose())
        );

        static string Error(Action act) => Assert.ThrowsAny<LaminaException>(act).Message;
    }

    private static Model Network()
    {
        Session.SetRandomSeed(5);
        Symbol input = Input(12, 12, 2);
        Symbol x = Conv2D(6, 3, activation: "relu")(input);
        x = MaxPool2D(2)(x);
        x = Activation("relu")(BatchNormalization()(Conv2D(8, 3, padding: "same")(x)));
        x = Dropout(0.5)(Dense(10, activation: "relu")(Flatten(name: "flat")(x)));
        return Model(input, Dense(3, activation: "softmax")(x));
    }

    private static (Model Model, float[] Kernel) Linear()
    {
        Symbol input = Input(2, 2, 3);
        Model model = Model(input, Dense(2)(Flatten()(input)));
        return (model, model.Weights[0].GetValues());
    }

    private static NDArray Image(int height, int width, int channels, long seed = 1)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        var image = new NDArray(Shape.Of(1, height, width, channels));
        foreach (ref float value in image.Values)
        {
            value = (float)random.NextNormal();
        }
        return image;
    }
}
