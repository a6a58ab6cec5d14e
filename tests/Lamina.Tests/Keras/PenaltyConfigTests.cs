using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.Keras;

/// <summary>Regularizers and constraints in configs, in Lamina's form and in Keras's.</summary>
public class PenaltyConfigTests
{
    [Fact]
    public void They_survive_Laminas_and_Keras_configs()
    {
        Model model = Penalized();
        AssertSame(model, Lamina.Model.FromConfig(model.GetConfig()));
        AssertSame(model, Lamina.Model.FromJson(model.ToJson()));
        AssertSame(model, model.Clone());
    }

    [Fact]
    public void Layers_write_what_Keras_writes()
    {
        JsonObject config = Penalized().GetLayer("d").GetConfig();
        Assert.Equal(
            """{"class_name":"L1L2","config":{"l1":0.1,"l2":0.2}}""",
            config["kernel_regularizer"]!.ToJsonString()
        );
        Assert.Equal("""{"class_name":"L1","config":{"l1":0.01}}""", config["activity_regularizer"]!.ToJsonString());
        Assert.Equal(
            """{"class_name":"MaxNorm","config":{"max_value":3,"axis":0}}""",
            config["kernel_constraint"]!.ToJsonString()
        );
        Assert.Null(config["bias_constraint"]);
    }

    [Fact]
    public void What_Keras_3_writes_is_read()
    {
        Model model = Lamina.Model.FromJson(
            """
            {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
            {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "i"}, "registered_name": null},
            {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "linear",
            "kernel_regularizer": {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.5}, "registered_name": null},
            "bias_regularizer": {"module": "keras.regularizers", "class_name": "SpectralRegularizer", "config": {"factor": 0.01}, "registered_name": null},
            "kernel_constraint": {"module": "keras.constraints", "class_name": "MinMaxNorm",
            "config": {"min_value": 0.5, "max_value": 2.0, "rate": 0.25, "axis": [0, 1]}, "registered_name": null},
            "bias_constraint": {"module": "keras.constraints", "class_name": "NonNeg", "config": {}, "registered_name": null}},
            "registered_name": null}]}, "registered_name": null}
            """
        );
        Weight kernel = model.Weights[0];
        Weight bias = model.Weights[1];
        Assert.Equal(new L2(0.5), kernel.Regularizer);
        Assert.Equal(new MinMaxNorm(0.5, 2, 0.25, [0, 1]), kernel.Constraint);
        Assert.Equal(new NonNeg(), bias.Constraint);
        // A class that Lamina does not have affects only training.
        Assert.Null(bias.Regularizer);
    }

    [Fact]
    public void A_weight_that_exists_decides()
    {
        Model model = Penalized();
        model.GetLayer("c").Weights[0].Regularizer = null;
        model.GetLayer("d").SetRegularizer("bias", "l2");
        Model read = Lamina.Model.FromConfig(model.GetConfig());
        Assert.Null(read.GetLayer("c").Weights[0].Regularizer);
        Assert.Equal(new L2(), read.GetLayer("d").Weights[1].Regularizer);
    }

    [Theory]
    [InlineData(
        "kernel_regularizer",
        """{"class_name":"L3"}""",
        "unknown regularizer class 'L3'. Lamina knows L1, L1L2, L2"
    )]
    [InlineData("kernel_regularizer", """{"class_name":"L2","config":{"l2":-1}}""", "l2 is -1")]
    [InlineData("kernel_regularizer", "\"l3\"", "'l3' is not a regularizer")]
    [InlineData("bias_constraint", """{"class_name":"MaxNorm","config":{"max":1}}""", "does not support \"max\"")]
    [InlineData("bias_constraint", "[]", "is not a constraint's name or an object")]
    public void Malformed_ones_are_refused_in_one_line(string key, string value, string expected)
    {
        JsonObject config = Penalized().GetLayer("d").GetConfig();
        config[key] = JsonNode.Parse(value);
        string message = Assert.Throws<ConfigException>(() => LayerRegistry.FromConfig("Dense", config)).Message;
        Assert.StartsWith("d (Dense)", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static void AssertSame(Model expected, Model read)
    {
        Assert.Equal(expected.Weights.Count, read.Weights.Count);
        for (int i = 0; i < expected.Weights.Count; i++)
        {
            Assert.Equal(expected.Weights[i].Regularizer, read.Weights[i].Regularizer);
            Assert.Equal(expected.Weights[i].Constraint, read.Weights[i].Constraint);
        }
        Assert.Equal(new L1(), read.GetLayer("d").ActivityRegularizer);
        Assert.Equal(expected.Layers.Count, read.Layers.Count);
    }

    private static Model Penalized()
    {
        Symbol input = Input(4, 4, 2);
        Symbol x = Conv2D(3, 2, kernelRegularizer: "l2", kernelConstraint: new UnitNorm([0, 1, 2]), name: "c")(input);
        x = BatchNormalization(gammaRegularizer: new L2(0.1), betaConstraint: "non_neg", name: "b")(x);
        return Model(
            input,
            Dense(
                2,
                kernelRegularizer: new L1L2(0.1, 0.2),
                activityRegularizer: "l1",
                kernelConstraint: new MaxNorm(3),
                name: "d"
            )(Flatten()(x))
        );
    }
}
