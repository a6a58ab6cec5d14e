using static Lamina.Layers;

namespace Lamina.Tests.Inspection;

/// <summary>Costs against counts by hand.</summary>
public class ModelCostTests
{
    [Fact]
    public void Layers_cost_what_a_hand_counts()
    {
        Symbol input = Input(9, 8, 4);
        Symbol x = Conv2D(6, (3, 2), strides: 2, groups: 2, activation: "relu")(input);
        x = MaxPool2D(2)(x);
        x = Dense(5, activation: "softmax")(Dropout(0.5)(Flatten()(x)));
        ModelCost cost = ModelCost.Of(Model(input, x));

        // 4×4×6 outputs, each over 3·2 taps of 4 / 2 channels; then 2×2×6 maxima; then 24 inputs to 5 units.
        Assert.Equal([96 * 12, 0, 0, 0, 24 * 5], cost.Layers.Select(l => l.MultiplyAdds));
        Assert.Equal([96 * 4, 24 * 4, 0, 24 * 4, 5 * 4], cost.Layers.Select(l => l.ActivationBytes));
        Assert.Equal([(3 * 2 * 2 * 6) + 6, 0, 0, 0, (24 * 5) + 5], cost.Layers.Select(l => l.Parameters));
        Assert.Equal((96 * 12) + 120, cost.MultiplyAdds);
        Assert.Equal((96 + 24 + 24 + 5) * 4, cost.ActivationBytes);
        Assert.Equal(78 + 125, cost.Parameters);
        Assert.Equal("(None, 4, 4, 6)", cost.Layers[0].Output.ToString());
    }

    [Fact]
    public void Shared_layers_compute_at_each_use_and_count_their_weights_once()
    {
        Symbol input = Input(10);
        Call<Dense> shared = Dense(10);
        ModelCost cost = ModelCost.Of(Model(input, Add()(shared(input), shared(shared(input)))));
        Assert.Equal(300, cost.MultiplyAdds);
        Assert.Equal(110, cost.Parameters);
        Assert.Equal(160, cost.ActivationBytes);
    }

    [Fact]
    public void A_model_as_a_layer_costs_what_its_layers_do()
    {
        Symbol inner = Input(6);
        Model tower = Model(inner, Dense(4)(Dense(7, activation: "relu")(inner)));
        Symbol input = Input(6);
        ModelCost cost = ModelCost.Of(Model(input, tower.Apply(input)));
        Assert.Equal((6 * 7) + (7 * 4), Assert.Single(cost.Layers).MultiplyAdds);
        Assert.Equal((7 + 4) * 4, cost.ActivationBytes);
    }

    [Fact]
    public void A_layer_that_does_nothing_costs_nothing()
    {
        Symbol input = Input(6);
        ModelCost cost = ModelCost.Of(Model(input, Activation("linear")(input)));
        Assert.Equal(0, cost.MultiplyAdds + cost.ActivationBytes + cost.Parameters);
    }
}
