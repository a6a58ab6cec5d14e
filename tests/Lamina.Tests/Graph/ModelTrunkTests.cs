using static Lamina.Layers;

namespace Lamina.Tests.Graph;

public class ModelTrunkTests
{
    private static Symbol Images() => Input(8, 8, 3);

    [Fact]
    public void Before_a_dense_head_are_the_features()
    {
        Symbol x = Images();
        Symbol pooled = GlobalAveragePooling2D(name: "pool")(Conv2D(4, 3, activation: "relu")(x));
        Model model = Model(x, Softmax()(Dense(5, name: "scores")(Dropout(0.5)(pooled))));
        ModelTrunk trunk = ModelTrunk.Of(model);
        Assert.Equal(("scores", "pool", 4), (trunk.Head!.Name, trunk.Last.Name, trunk.FeatureCount));
        Assert.Same(model.GetLayer("pool"), trunk.Network.GetLayer("pool"));
        Assert.DoesNotContain(trunk.Network.Layers, l => l is Dropout or Dense);
    }

    [Fact]
    public void A_hidden_dense_layer_at_the_end_makes_features()
    {
        Symbol x = Images();
        Symbol y = Dense(6, activation: "relu", name: "hidden")(Flatten()(Conv2D(4, 3)(x)));
        Assert.Equal((null, 6), Found(Model(x, y)));
        Assert.Equal((null, 6), Found(Model(x, BatchNormalization()(Dense(6)(Flatten()(Conv2D(4, 3)(x)))))));
        Assert.Equal((null, 6), Found(Model(x, Activation("relu")(Dense(6)(Flatten()(Conv2D(4, 3)(x)))))));
    }

    [Fact]
    public void Images_at_the_end_are_averaged()
    {
        Symbol x = Images();
        ModelTrunk trunk = ModelTrunk.Of(Model(x, Conv2D(4, 3, activation: "relu")(x)));
        Assert.Equal((null, 4), (trunk.Head, trunk.FeatureCount));
        Assert.IsType<GlobalAveragePooling2D>(trunk.Network.Outputs[0].Layer);
    }

    [Fact]
    public void A_convolution_that_makes_scores_is_a_head()
    {
        Symbol x = Images();
        Symbol y = Conv2D(4, 3, activation: "relu", name: "body")(x);
        Symbol scores = Conv2D(5, 1, activation: "relu", name: "scores")(y);
        Assert.Equal(("scores", 4), Found(Model(x, Activation("softmax")(GlobalAveragePooling2D()(scores)))));
        // Without a softmax, nothing says that these are scores.
        Assert.Equal((null, 5), Found(Model(x, GlobalAveragePooling2D()(scores))));
        Symbol imageNet = Conv2D(1000, 1, activation: "relu", name: "scores")(y);
        Assert.Equal(("scores", 4), Found(Model(x, GlobalAveragePooling2D()(imageNet))));
        Symbol pixel = Conv2D(5, 1, name: "scores")(GlobalAveragePooling2D(keepDims: true)(y));
        Assert.Equal(("scores", 4), Found(Model(x, Flatten()(pixel))));
    }

    [Fact]
    public void A_layer_can_be_named()
    {
        Symbol x = Images();
        Symbol y = Conv2D(4, 3, name: "low")(x);
        Model model = Model(x, Dense(2)(Flatten()(Conv2D(7, 3, name: "high")(y))));
        Assert.Equal(4, ModelTrunk.At(model, "low").FeatureCount);
        Assert.Equal(7, ModelTrunk.At(model, "high").FeatureCount);
        Assert.Throws<ArgumentException>(() => ModelTrunk.At(model, "missing"));
        Assert.Throws<GraphException>(() => ModelTrunk.At(model, model.Inputs[0].Layer!.Name));
    }

    [Fact]
    public void A_new_head_is_normalized_dropped_out_and_dense()
    {
        Symbol x = Images();
        Symbol y = Conv2D(4, 3, activation: "relu", name: "head")(x);
        Model model = ModelTrunk.Of(Model(x, Dense(3)(Flatten()(y)))).WithHead(9, dropout: 0.4);
        Assert.Equal(
            "InputLayer Conv2D Flatten BatchNormalization Dropout Dense",
            string.Join(' ', model.Layers.Select(l => l.ClassName))
        );
        Assert.Equal((9, "softmax"), (model.Head.Units, model.Head.Activation!.Name));
        Assert.Equal(0.4, model.Layers.OfType<Dropout>().Single().Rate);
        Model plain = ModelTrunk.Of(Model(x, Dense(3)(Flatten()(y)))).WithHead(9, dropout: 0, normalize: false);
        Assert.Equal(4, plain.Layers.Count);
        Model hidden = ModelTrunk.Of(Model(x, Dense(3)(Flatten()(y)))).WithHead(9, dropout: 0, hidden: 16);
        Assert.Equal(
            "InputLayer Conv2D Flatten BatchNormalization Dense Dropout Dense",
            string.Join(' ', hidden.Layers.Select(l => l.ClassName))
        );
        Assert.Equal(
            (16, "relu"),
            (hidden.GetLayer("head_hidden").Weights[1].Count, hidden.Layers[4].Activation!.Name)
        );
    }

    [Fact]
    public void What_has_no_features_or_hides_its_head_is_refused()
    {
        Symbol x = Images();
        Symbol flat = Flatten()(x);
        Error("before", Model(x, Dense(2)(Dropout(0.1)(x))));
        Symbol inner = Images();
        Model nested = Model(inner, Dense(2, activation: "softmax")(Flatten()(Conv2D(4, 3)(inner))), "inner");
        Error("within inner", Model(x, nested.Apply(x)));
        Error("2 outputs", Model([x], [flat, Dense(2)(flat)]));

        static void Error(string part, Model model) =>
            Assert.Contains(
                part,
                Assert.Throws<GraphException>(() => ModelTrunk.Of(model)).Message,
                StringComparison.Ordinal
            );
    }

    private static (string? Head, int Count) Found(Model model)
    {
        ModelTrunk trunk = ModelTrunk.Of(model);
        return (trunk.Head?.Name, trunk.FeatureCount);
    }
}
