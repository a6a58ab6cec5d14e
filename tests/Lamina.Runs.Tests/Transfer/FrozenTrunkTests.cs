using static Lamina.Layers;

namespace Lamina.Runs.Tests.Transfer;

/// <summary>A network in two: what is frozen, and the rest.</summary>
public sealed class FrozenTrunkTests
{
    [Fact]
    public void Trunk_and_head_compute_what_the_network_does_and_weights_come_back()
    {
        Model model = Network(dropout: 0.5);
        model.Freeze("conv", "norm");
        FrozenTrunk trunk = FrozenTrunk.Of(model)!;
        Assert.Equal(["input", "conv", "norm", "flatten"], trunk.Network.Layers.Select(l => l.Name));
        NDArray images = Images();
        NDArray features = trunk.Network.Predict(images);
        Assert.Equal(model.Predict(images).Values.ToArray(), trunk.Head.Predict(features).Values.ToArray());

        Weight bias = trunk.Head.GetLayer("scores").Weights[1];
        bias.SetValues([1, 2, 3]);
        Assert.NotEqual(bias.GetValues(), model.GetLayer("scores").Weights[1].GetValues());
        trunk.CopyBack();
        Assert.Equal(model.Predict(images).Values.ToArray(), trunk.Head.Predict(features).Values.ToArray());
        // Each layer of the whole network still has one output.
        Assert.Equal("scores", model.GetLayer("scores").Output.Layer!.Name);
    }

    [Fact]
    public void What_is_not_frozen_or_is_random_is_not_part_of_it()
    {
        Model model = Network(dropout: 0.5);
        Assert.Null(FrozenTrunk.Of(model));
        // All before a layer that is trained, and nothing after one that drops values.
        model.Freeze("conv", "norm", "hidden");
        Assert.Equal("flatten", FrozenTrunk.Of(model)!.Network.Outputs[0].Layer!.Name);
        Model sure = Network(dropout: 0);
        sure.Freeze("conv", "norm", "hidden");
        Assert.Equal("hidden", FrozenTrunk.Of(sure)!.Network.Outputs[0].Layer!.Name);
        Model open = Network(dropout: 0);
        open.Freeze("conv", "hidden");
        Assert.Equal("conv", FrozenTrunk.Of(open)!.Network.Outputs[0].Layer!.Name);
    }

    private static Model Network(double dropout)
    {
        Session.Clear();
        Session.SetRandomSeed(5);
        Symbol input = Input(Shape.Of(8, 8, 3), name: "input");
        Symbol x = BatchNormalization(name: "norm")(Conv2D(4, 3, activation: "relu", name: "conv")(input));
        x = Dropout(dropout, name: "dropout")(Flatten(name: "flatten")(x));
        x = Dense(6, activation: "relu", name: "hidden")(x);
        return Model(input, Dense(3, activation: "softmax", name: "scores")(x));
    }

    private static NDArray Images()
    {
        var images = new NDArray(Shape.Of(2, 8, 8, 3));
        for (int i = 0; i < images.Values.Length; i++)
        {
            images.Values[i] = i % 7 / 7f;
        }
        return images;
    }
}
