using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.Graph;

public class ModelTests
{
    [Fact]
    public void A_model_is_a_layer_and_shares_its_weights()
    {
        Symbol inner = Input(4);
        Model tower = Model(inner, Dense(3)(inner));
        Symbol a = Input(4);
        Symbol b = Input(4);
        Model twins = Model([a, b], [Add()(tower.Apply(a), tower.Apply(b))]);

        Assert.Equal(15, twins.CountParams());
        Assert.Equal(new Shape(null, 3), twins.Outputs[0].Shape);
        Assert.Same(tower, twins.GetLayer(tower.Name));
        Assert.Equal(tower.Weights, twins.Weights);
    }

    [Fact]
    public void A_layer_called_twice_is_listed_once_and_both_calls_are_nodes()
    {
        Symbol input = Input(4);
        Call<Dense> shared = Dense(4);
        Model model = Model(input, shared(shared(input)));

        Assert.Equal(2, model.Layers.Count);
        Assert.Equal(3, model.Nodes.Count);
        Assert.Equal(20, model.CountParams());
    }

    [Fact]
    public void A_graph_that_does_not_reach_its_input_is_refused()
    {
        Symbol given = Input(4);
        Symbol other = Input(4);
        GraphException error = Assert.Throws<GraphException>(() => Model(given, Dense(2)(other)));
        Assert.Contains("disconnected", error.Message, StringComparison.Ordinal);
        Assert.Contains(other.Layer!.Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_nothing_uses_is_refused()
    {
        Symbol used = Input(4);
        Symbol idle = Input(4);
        Symbol output = Dense(2)(used);
        GraphException error = Assert.Throws<GraphException>(() => Model([used, idle], [output]));
        Assert.Contains(idle.Layer!.Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_layers_of_one_name_are_refused()
    {
        Symbol input = Input(4);
        Symbol output = Dense(2, name: "same")(Dense(2, name: "same")(input));
        Assert.Throws<GraphException>(() => Model(input, output));
    }

    [Fact]
    public void A_window_that_does_not_fit_names_the_layer()
    {
        Symbol input = Input(6, 6, 3);
        ShapeException error = Assert.Throws<ShapeException>(() => Conv2D(8, 11, name: "big")(input));
        Assert.Equal(
            "big (Conv2D): a 11×11 'valid' window does not fit its 6×6 input. "
                + "Use padding: \"same\", a smaller kernel, or a larger Input.",
            error.Message
        );
    }

    [Fact]
    public void Freezing_a_model_freezes_its_layers()
    {
        Symbol input = Input(8, 8, 3);
        Model model = Model(input, Flatten()(BatchNormalization()(Conv2D(4, 3)(input))));
        Assert.Equal(4, model.TrainableWeights.Count);
        model.Trainable = false;
        Assert.Empty(model.TrainableWeights);
        Assert.Equal(6, model.NonTrainableWeights.Count);
    }

    [Fact]
    public void A_config_makes_the_same_graph_again()
    {
        Symbol inner = Input(4);
        Model tower = Model(inner, Dense(4, activation: "relu")(inner));
        Symbol a = Input(4);
        Call<Dense> shared = Dense(4);
        Symbol x = Concatenate()(shared(a), tower.Apply(shared(tower.Apply(a))));
        Model model = Model(a, x);

        JsonObject config = model.GetConfig();
        Assert.Equal(config.ToJsonString(), Lamina.Model.FromConfig(config).GetConfig().ToJsonString());
    }

    [Fact]
    public void A_config_with_a_cycle_is_refused()
    {
        Symbol input = Input(4);
        Symbol first = Dense(4, name: "first")(input);
        Model model = Model(input, Dense(4, name: "second")(first));
        string config = model.GetConfig().ToJsonString();
        string cycle = config.Replace(
            $"[[[\"{input.Layer!.Name}\",0,0,{{}}]]]",
            "[[[\"second\",0,0,{}]]]",
            StringComparison.Ordinal
        );
        Assert.NotEqual(config, cycle);
        ConfigException error = Assert.Throws<ConfigException>(() =>
            Lamina.Model.FromConfig(JsonNode.Parse(cycle)!.AsObject())
        );
        Assert.Contains("can never run", error.Message, StringComparison.Ordinal);
    }
}
