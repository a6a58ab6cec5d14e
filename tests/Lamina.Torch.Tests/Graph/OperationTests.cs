using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Torch.Tests.Graph;

/// <summary>Ops applied to layers' outputs outside of a layer: nodes of the graph, as in Keras 3.</summary>
public sealed class OperationTests
{
    public OperationTests() => Session.Clear();

    [Fact]
    public void Operators_are_layers_of_the_model()
    {
        Symbol input = Input(4);
        Symbol a = Dense(3)(input);
        Symbol b = (1 - a) * (a > 0.5) / 2;
        Symbol output = Ops.Sum(Ops.Maximum(b, -a), [-1], keepDims: true);
        Model model = Model(input, output);
        string[] expected =
        [
            "InputLayer",
            "Dense",
            "Subtract",
            "Greater",
            "Multiply",
            "Divide",
            "Negative",
            "Maximum",
            "Sum",
        ];
        Assert.Equal(expected.Order(), model.Layers.Select(l => l.ClassName).Order());
        using var text = new StringWriter();
        model.Summary(text);
        Assert.Contains("subtract (Subtract)", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("(None, 1)", text.ToString(), StringComparison.Ordinal);
        Assert.Equal("subtract_1", (2 - a).Layer!.Name);
    }

    [Fact]
    public void The_graph_computes_what_its_operators_say()
    {
        Model model = Arithmetic();
        float[] x = [-1.5f, 0.25f, 2, 0.5f, -0.25f, 1];
        float[] expected = [.. x.Select(v => Math.Abs(v) > 0.5f ? (2 * v * v) - (1 / v) : MathF.Exp(v))];
        float[] actual = model.Predict(new NDArray(Shape.Of(2, 3), x)).Values.ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5);
        }
    }

    [Fact]
    public void The_graph_survives_its_config()
    {
        Model model = Arithmetic();
        JsonObject config = JsonNode.Parse(model.GetConfig().ToJsonString())!.AsObject();
        Model again = Lamina.Model.FromConfig(config);
        Assert.True(JsonNode.DeepEquals(config, JsonNode.Parse(again.GetConfig().ToJsonString())));
        var x = new NDArray(Shape.Of(2, 3), new float[] { -1.5f, 0.25f, 2, 0.5f, -0.25f, 1 });
        Assert.Equal(model.Predict(x).Values.ToArray(), again.Predict(x).Values.ToArray());
    }

    [Fact]
    public void Every_op_survives_its_config()
    {
        foreach (
            Kernels.OpExample example in Kernels.OpExamples.All.Where(e =>
                e.Op is not (ConstantOp or ConvolutionOp or ConvolutionTransposeOp or BatchNormalizationOp)
            )
        )
        {
            Symbol[] inputs = [.. example.Sizes.Select(s => Input(Shape.Of(s.AsSpan(1)), s[0]))];
            Layer layer = OpNode.Record(example.Op, inputs).Layer!;
            JsonObject config = JsonNode.Parse(layer.GetConfig().ToJsonString())!.AsObject();
            Layer again = LayerRegistry.FromConfig("Operation", config);
            Assert.Equal(layer.ClassName, again.ClassName);
            Assert.True(JsonNode.DeepEquals(config, JsonNode.Parse(again.GetConfig().ToJsonString())), layer.ClassName);
            Assert.Equal(example.Op.Name, ((Operation)again).Op.Name);
        }
    }

    [Fact]
    public void Infinities_survive_a_config()
    {
        Symbol input = Input(2);
        Symbol y = Ops.Where(input > 0, Ops.Clip(input, double.NegativeInfinity, 1), double.NegativeInfinity);
        Model model = Model(input, y);
        JsonObject config = JsonNode.Parse(model.GetConfig().ToJsonString())!.AsObject();
        NDArray result = Lamina.Model.FromConfig(config).Predict(new NDArray(Shape.Of(1, 2), new float[] { 3, -1 }));
        Assert.Equal([1, float.NegativeInfinity], result.Values.ToArray());
    }

    [Theory]
    [InlineData("subtract", "[null]", "cannot have 1 inputs")]
    [InlineData("subtract", "[{\"shape\":[],\"values\":[1]},{\"shape\":[],\"values\":[1]}]", "none but constants")]
    [InlineData("subtract", "[null,{\"shape\":[2],\"values\":[1]}]", "do not fill")]
    [InlineData("subtract", "[null,{\"shape\":[],\"values\":[\"one\"]}]", "must be a number")]
    [InlineData("input", "[null]", "unknown op 'input'")]
    public void Malformed_configs_are_refused(string op, string constants, string expected)
    {
        Model model = Arithmetic();
        JsonObject config = model.GetConfig();
        JsonObject layer = config["layers"]!
            .AsArray()
            .First(l => l!["class_name"]!.ToString() == "Operation" && l["config"]!["op"]!.ToString() == "greater")!
            .AsObject();
        layer["config"]!["op"] = op;
        layer["config"]!["constants"] = JsonNode.Parse(constants);
        string message = Assert.Throws<ConfigException>(() => Lamina.Model.FromConfig(config)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Gradients_pass_operators_and_stop_at_comparisons()
    {
        // A ReLU by hand has the gradients of a ReLU.
        Weight[] kernels =
        [
            .. new[] { false, true }.Select(byHand =>
            {
                Session.Clear();
                Session.SetRandomSeed(3);
                Symbol input = Input(5);
                Symbol x = Dense(4)(input);
                x = byHand ? x * (x > 0) : ReLU()(x);
                Model model = Model(input, Dense(1)(x));
                model.Compile(new Sgd(0.1), "mean_squared_error");
                var random = new RandomStream(1, RandomPurpose.User);
                var data = new NDArray(Shape.Of(16, 5));
                foreach (ref float value in data.Values)
                {
                    value = random.NextSingle() - 0.5f;
                }
                var target = new NDArray(Shape.Of(16, 1));
                target.Values.Fill(1);
                for (int step = 0; step < 3; step++)
                {
                    model.TrainOnBatch(data, target);
                }
                return model.Weights[0];
            }),
        ];
        float[] expected = kernels[0].GetValues();
        float[] actual = kernels[1].GetValues();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-6);
        }
    }

    [Fact]
    public void What_cannot_be_a_node_is_refused_in_one_line()
    {
        Symbol input = Input(4);
        Symbol hidden = Dense(3)(input);
        var dense = (Dense)hidden.Layer!;
        Assert.Contains(
            "outside of a layer",
            Message<GraphException>(() => Ops.MatMul(input, dense.Weights[0].Symbol)),
            StringComparison.Ordinal
        );
        Assert.Contains("subtract", Message<ShapeException>(() => _ = hidden - Input(7)), StringComparison.Ordinal);
        Assert.Contains(
            "no batch",
            Message<GraphException>(() => Model(input, Ops.Sum(hidden, [0]))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            ".lamina",
            Message<ConfigException>(() => Model(input, hidden - 1).ToJson()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Merging_layers_stretch_as_in_Keras()
    {
        // (N, C) meets (N, H, W, C) at the channels, and a constant of ones at nothing.
        Symbol images = Input(2, 2, 3);
        Symbol channels = Input(3);
        Model model = Model([images, channels], [Multiply()(images, channels), Add()(channels, images)]);
        var x = new NDArray(Shape.Of(2, 2, 2, 3));
        x.Values.Fill(2);
        var c = new NDArray(Shape.Of(2, 3), new float[] { 1, 2, 3, 4, 5, 6 });
        IReadOnlyList<NDArray> y = model.PredictAll([x, c]);
        Assert.Equal([2, 4, 6, 2, 4, 6], y[0].Values[..6].ToArray());
        Assert.Equal([6, 7, 8], y[1].Values[^3..].ToArray());
    }

    private static string Message<T>(Action action)
        where T : Exception => Assert.Throws<T>(action).Message;

    private static Model Arithmetic()
    {
        Symbol input = Input(3);
        Symbol x = Activation("linear")(input);
        return Model(input, Ops.Where(Ops.Abs(x) > 0.5, (2 * Ops.Power(x, 2)) - (1 / x), Ops.Exp(x)));
    }
}
