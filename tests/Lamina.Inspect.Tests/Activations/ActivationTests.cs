using static Lamina.Layers;

namespace Lamina.Inspect.Tests.Activations;

/// <summary>Activations, receptive fields, patches and maximizing images against known cases.</summary>
public sealed class ActivationTests
{
    [Fact]
    public void Receptive_fields_of_torchvisions_AlexNet_are_those_published()
    {
        Model model = Zoo.Build("owt");
        // conv1 to conv5: 11, 51, 99, 131, 163 pixels wide, in steps of 4, 8 and 16.
        (int Width, int Step)[] expected = [(11, 4), (51, 8), (99, 16), (131, 16), (163, 16)];
        Layer[] convolutions = [.. model.Layers.Where(l => l is Conv2D)];
        for (int i = 0; i < 5; i++)
        {
            PixelArea area = ReceptiveField.Of(convolutions[i].Output, 6, 5);
            PixelArea next = ReceptiveField.Of(convolutions[i].Output, 6, 6);
            Assert.Equal(expected[i].Width, area.Right - area.Left);
            Assert.Equal(expected[i].Width, area.Bottom - area.Top);
            Assert.Equal(expected[i].Step, next.Left - area.Left);
        }
    }

    [Fact]
    public void Branches_read_their_union_and_dense_layers_everything()
    {
        Symbol input = Input(9, 9, 1);
        Symbol small = Conv2D(1, 1, padding: "same")(input);
        Symbol wide = Conv2D(1, 3, padding: "same", dilationRate: 2)(input);
        Assert.Equal(new PixelArea(2, 1, 7, 6), ReceptiveField.Of(Add()(small, wide), 4, 3));
        Assert.Equal(new PixelArea(4, 3, 5, 4), ReceptiveField.Of(small, 4, 3));
        Symbol mixed = Reshape(3, 3, 1)(Dense(9)(Flatten()(input)));
        Assert.Equal(new PixelArea(0, 0, 9, 9), ReceptiveField.Of(mixed, 1, 1));
    }

    [Fact]
    public void The_brightest_patches_are_found_in_order_with_their_pixels()
    {
        Symbol input = Input(6, 6, 1);
        Conv2D convolution = new(2, 3, padding: "same", name: "maps");
        Symbol maps = convolution.Apply(input);
        Model model = Model(input, Dense(2)(Flatten()(maps)));
        // The first filter adds its window; the second negates its center.
        var kernel = new float[18];
        for (int i = 0; i < 9; i++)
        {
            kernel[2 * i] = 1;
        }
        kernel[9] = -1;
        convolution.Weights[0].SetValues(kernel);
        var images = new NDArray([3, 6, 6, 1]);
        images[0, 2, 3, 0] = 5;
        images[1, 0, 0, 0] = 9;
        images[2, 4, 4, 0] = -7;
        using var search = new TopPatches(model, "maps", count: 2);
        search.Add(images.Samples(0, 1), [10]);
        search.Add(images.Samples(1, 2), [11, 12]);
        Assert.Equal([(11, 9f), (10, 5f)], search.Results[0].Select(p => (p.Image, p.Value)));
        Assert.Equal((12, 7f), (search.Results[1][0].Image, search.Results[1][0].Value));
        // The window around the corner is padded by zeros.
        Patch corner = search.Results[0][0];
        Assert.Equal(Shape.Of(3, 3, 1), corner.Pixels.Shape);
        Assert.Equal(9, corner.Pixels.Values.ToArray().Sum());
        Assert.Equal(
            (4, 4),
            (
                (search.Results[1][0].Area.Top + search.Results[1][0].Area.Bottom) / 2,
                (search.Results[1][0].Area.Left + search.Results[1][0].Area.Right) / 2
            )
        );
        Assert.Contains(
            "no filter 2",
            Assert.Throws<LaminaException>(() => new TopPatches(model, "maps", [0, 2])).Message
        );
    }

    [Fact]
    public void Activations_are_those_of_models_up_to_each_layer()
    {
        Symbol input = Input(8, 8, 2);
        Symbol x = Conv2D(3, 3, activation: "relu", name: "conv")(input);
        Symbol pooled = MaxPool2D(2, name: "pool")(x);
        Model model = Model(input, Dense(4, activation: "softmax", name: "head")(Dropout(0.5)(Flatten()(pooled))));
        var image = new NDArray([1, 8, 8, 2], Enumerable.Range(0, 128).Select(i => MathF.Sin(i)).ToArray());
        using var activations = new LayerActivations(model);
        IReadOnlyList<LayerActivation> values = activations.Of(image);
        Assert.Equal(["conv", "pool", "head"], values.Select(v => v.Layer));
        Assert.Equal(["conv", "pool", "head"], activations.Layers);
        Assert.Equal(Model(input, pooled).Predict(image).Values.ToArray(), values[1].Values.Values.ToArray());
        Assert.Equal(model.Predict(image).Values.ToArray(), values[2].Values.Values.ToArray());
    }

    [Fact]
    public void The_image_that_excites_a_linear_filter_is_black_and_white()
    {
        Symbol input = Input(6, 6, 2);
        Conv2D convolution = new(2, 1, name: "maps");
        Model model = Model(input, Dense(2)(Flatten()(convolution.Apply(input))));
        // The first filter likes the first channel and dislikes the second; the other filter the reverse.
        convolution.Weights[0].SetValues([1, -1, -1, 1]);
        using var maximization = new ActivationMaximization(model, "maps");
        NDArray black = new([1, 6, 6, 2], Enumerable.Repeat(-2f, 72).ToArray());
        NDArray white = new([1, 6, 6, 2], Enumerable.Repeat(2f, 72).ToArray());
        NDArray images = maximization.Run(
            [0, 1],
            black,
            white,
            new MaximizationOptions { Steps = 60, Blur = 0 },
            cancellation: TestContext.Current.CancellationToken
        );
        for (int i = 0; i < 72; i++)
        {
            Assert.Equal(i % 2 == 0 ? 2 : -2, images.Values[i], 1e-4f);
            Assert.Equal(i % 2 == 0 ? -2 : 2, images.Values[72 + i], 1e-4f);
        }
        Assert.Contains(
            "no filter 7",
            Assert
                .Throws<LaminaException>(() =>
                    maximization.Run([7], black, white, cancellation: TestContext.Current.CancellationToken)
                )
                .Message
        );
    }
}
