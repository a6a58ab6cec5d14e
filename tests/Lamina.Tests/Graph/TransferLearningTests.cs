using static Lamina.Layers;

namespace Lamina.Tests.Graph;

public class TransferLearningTests
{
    [Fact]
    public void Another_head_shares_all_other_weights_and_has_the_old_ones_name()
    {
        Model model = Zoo();
        Model other = model.WithHead(7);
        Assert.Equal(new Shape(null, 7), other.Outputs[0].Shape);
        Assert.Equal(model.Layers.Select(l => l.Name), other.Layers.Select(l => l.Name));
        Assert.Equal(model.Weights.SkipLast(2), other.Weights.SkipLast(2));
        Assert.NotSame(model.Head, other.Head);
        Assert.Equal((3, 7, "top"), (model.Head.Units, other.Head.Units, other.Head.Name));
        // The old model is as it was: each of its layers has one output.
        Assert.Equal(new Shape(null, 3), model.GetLayer("probabilities").Output.Shape);
        Assert.Equal("other", model.WithHead(2, "other").Head.Name);
        Assert.Equal(other.GetConfig().ToJsonString(), Model.FromConfig(other.GetConfig()).GetConfig().ToJsonString());
    }

    [Fact]
    public void Names_stand_for_layers()
    {
        Model model = Zoo();
        Assert.Equal(["input", "conv_1", "norm", "conv_2", "flatten"], Names(model, "features"));
        Assert.Equal(["input", "conv_1", "norm", "conv_2", "flatten", "hidden"], Names(model, "backbone"));
        Assert.Equal(["conv_1", "conv_2"], Names(model, "conv*"));
        Assert.Equal(["hidden"], Names(model, "hidden"));
        LaminaException error = Assert.Throws<LaminaException>(() => model.FindLayers("conv9"));
        Assert.StartsWith(
            $"'conv9' is not a layer of {model.Name}, which has input, conv_1, norm,",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_layers_own_name_comes_before_what_it_would_stand_for()
    {
        Symbol input = Input(4, 4, 1);
        Symbol x = Flatten()(Conv2D(2, 3, name: "a")(input));
        Model model = Model(input, Dense(2)(Dense(3, name: "features")(x)));
        Assert.Equal(["features"], Names(model, "features"));
    }

    [Fact]
    public void Freezing_is_of_all_or_none_and_thawing_leaves_batch_normalization()
    {
        Model model = Zoo();
        Assert.Throws<LaminaException>(() => model.Freeze("conv_1", "nothing"));
        Assert.All(model.Layers, l => Assert.True(l.Trainable));

        model.Freeze("features");
        Assert.Equal(
            ["hidden/kernel", "hidden/bias", "top/kernel", "top/bias"],
            model.TrainableWeights.Select(w => w.Path)
        );
        using var text = new StringWriter();
        model.Summary(text);
        Assert.Contains("Non-trainable params: 128", text.ToString(), StringComparison.Ordinal);

        Assert.Equal(["conv_1", "conv_2"], model.Unfreeze().Select(l => l.Name));
        Assert.Equal(["norm"], model.Layers.Where(l => !l.Trainable).Select(l => l.Name));
        Assert.Empty(model.Unfreeze());
    }

    [Fact]
    public void A_model_without_a_dense_end_says_how_to_put_a_head_on()
    {
        Symbol input = Input(4, 4, 1);
        Model model = Model(input, Conv2D(2, 3, name: "last")(input));
        GraphException error = Assert.Throws<GraphException>(() => model.WithHead(2));
        Assert.Contains("ends in last (Conv2D), not in a Dense layer", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(Model model, string pattern) =>
        model.FindLayers(pattern).Select(l => l.Name);

    private static Model Zoo()
    {
        Symbol input = Input(Shape.Of(6, 6, 1), name: "input");
        Symbol x = Conv2D(4, 3, name: "conv_1")(input);
        x = BatchNormalization(name: "norm")(x);
        x = Conv2D(2, 3, useBias: false, name: "conv_2")(x);
        x = Dense(3, activation: "relu", name: "hidden")(Flatten(name: "flatten")(x));
        return Model(input, Softmax(name: "probabilities")(Dense(3, name: "top")(x)));
    }
}
