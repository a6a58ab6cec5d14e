using static Lamina.Layers;

namespace Lamina.Tests.Graph;

/// <summary>The places whose averages make up the features of all stages, in small networks of each well-known shape.</summary>
public class StageEndsTests
{
    public StageEndsTests() => Session.Clear();

    [Fact]
    public void Residual_networks_have_the_first_block_and_the_end_of_each_stage()
    {
        Symbol input = Input(64, 64, 3);
        Symbol x = BatchNormalization(name: "norm")(Conv2D(4, 7, 2, "same", name: "stem")(input));
        x = MaxPool2D(3, 2, "same")(ReLU(name: "stem_relu")(x));
        x = Block(Block(Block(x, 4, 1, "a"), 4, 1, "b"), 4, 1, "c");
        x = Block(x, 8, 2, "d");
        x = Block(Block(x, 8, 2, "e"), 8, 1, "f");
        ModelTrunk trunk = TrunkOf(input, GlobalAveragePooling2D(name: "pool")(x));
        Assert.Equal("stem_relu a_relu c_relu d_relu e_relu pool", Sources(trunk));
        Assert.Equal(4 + 4 + 4 + 8 + 8 + 8, trunk.FeatureCount);
        Assert.Equal("d_relu", trunk.Sources[3].Name);

        static Symbol Block(Symbol x, int filters, int strides, string name)
        {
            Symbol y = Conv2D(filters, 3, strides, "same", activation: "relu")(x);
            y = BatchNormalization()(Conv2D(filters, 3, padding: "same")(y));
            y = Add()(y, strides == 1 ? x : Conv2D(filters, 1, strides)(x));
            return ReLU(name: name + "_relu")(y);
        }
    }

    [Fact]
    public void Chains_have_the_end_of_each_stage_however_they_pad()
    {
        Symbol input = Input(32, 32, 3);
        Symbol x = Conv2D(4, 3, padding: "same", activation: "relu", name: "a1")(input);
        x = Conv2D(4, 3, activation: "relu", name: "a2")(ZeroPadding2D(1)(x));
        x = MaxPool2D(2)(x);
        x = Conv2D(6, 3, activation: "relu", name: "b")(x);
        x = MaxPool2D(2)(x);
        x = MaxPool2D(2)(Conv2D(8, 3, padding: "same", activation: "relu", name: "c")(x));
        x = Dense(10, "relu", name: "hidden")(Flatten()(x));
        ModelTrunk trunk = TrunkOf(input, x);
        Assert.Equal("a2 b c hidden", Sources(trunk));
        // Without a dense layer, the features are the last stage's already.
        Assert.Equal("a2 b pool", Sources(TrunkOf(input, GlobalAveragePooling2D(name: "pool")(Output("c")))));

        Symbol Output(string layer) => trunk.Network.GetLayer(layer).Output;
    }

    [Fact]
    public void Branches_that_are_concatenated_are_blocks_and_what_squeezes_after_them_is_not()
    {
        Symbol input = Input(32, 32, 3);
        Symbol x = Conv2D(4, 3, 2, "same", activation: "relu", name: "stem")(input);
        x = Fire(Fire(Fire(MaxPool2D(2)(x), "a"), "b"), "c");
        x = Fire(MaxPool2D(2)(x), "d");
        ModelTrunk trunk = TrunkOf(input, GlobalAveragePooling2D(name: "pool")(x));
        Assert.Equal("stem a c pool", Sources(trunk));

        static Symbol Fire(Symbol x, string name)
        {
            Symbol y = Conv2D(2, 1, activation: "relu")(x);
            return Concatenate(name: name)(
                Conv2D(3, 1, activation: "relu")(y),
                Conv2D(3, 3, padding: "same", activation: "relu")(y)
            );
        }
    }

    [Fact]
    public void A_network_within_a_layer_and_one_of_vectors_are_as_they_were()
    {
        Symbol inner = Input(16, 16, 3);
        Model nested = Model(inner, Conv2D(4, 3, 2)(Conv2D(4, 3)(inner)), "inner");
        Symbol input = Input(16, 16, 3);
        ModelTrunk trunk = ModelTrunk.Of(Model(input, nested.Apply(input)));
        Assert.Same(trunk, trunk.WithStages());
        Symbol vector = Input(5);
        trunk = ModelTrunk.Of(Model(vector, Dense(4, "relu")(vector)));
        Assert.Same(trunk, trunk.WithStages());
    }

    [Fact]
    public void The_features_are_averages_beside_those_of_the_last_layer()
    {
        Symbol input = Input(8, 8, 2);
        Symbol x = MaxPool2D(2)(Conv2D(3, 1, activation: "relu", name: "low")(input));
        ModelTrunk last = ModelTrunk.Of(Model(input, Conv2D(5, 3, name: "high")(x)));
        ModelTrunk stages = last.WithStages();
        Assert.Equal((3 + 5, "high", "low high"), (stages.FeatureCount, stages.Last.Name, Sources(stages)));
        Assert.Equal(new Shape(null, 7), stages.WithHead(7).Outputs[0].Shape);
        Assert.Equal(
            "stage_features_1 joined_features",
            string.Join(
                ' ',
                stages.Network.Layers.Except(last.Network.Layers).OrderByDescending(l => l.Name).Select(l => l.Name)
            )
        );
    }

    private static ModelTrunk TrunkOf(Symbol input, Symbol features) =>
        ModelTrunk.Of(Model(input, Dense(3, "softmax")(features))).WithStages();

    private static string Sources(ModelTrunk trunk) => string.Join(' ', trunk.Sources.Select(l => l.Name));
}
