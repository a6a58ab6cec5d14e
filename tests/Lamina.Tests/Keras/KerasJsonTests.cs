using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.Keras;

/// <summary>Architectures as Keras 2, Keras 3 and tfjs write them, and as they read them.</summary>
public class KerasJsonTests
{
    [Fact]
    public void ToJson_is_Keras_2s()
    {
        Symbol input = Input(Shape.Of(4, 4, 2), name: "in");
        Symbol x = Conv2D(3, 3, activation: "relu", name: "conv")(input);
        var model = Model(input, Dense(2, name: "out")(Flatten(name: "flat")(x)), "net");
        JsonNode json = JsonNode.Parse(model.ToJson())!;
        Assert.Equal("Functional", (string)json["class_name"]!);
        Assert.StartsWith("2.", (string)json["keras_version"]!, StringComparison.Ordinal);
        Assert.Equal("tensorflow", (string)json["backend"]!);
        JsonNode config = json["config"]!;
        Assert.Equal("net", (string)config["name"]!);
        Assert.Equal("""[["in",0,0]]""", config["input_layers"]!.ToJsonString());
        Assert.Equal("""[["out",0,0]]""", config["output_layers"]!.ToJsonString());
        JsonNode conv = config["layers"]![1]!;
        Assert.Equal("Conv2D", (string)conv["class_name"]!);
        Assert.Equal("conv", (string)conv["name"]!);
        Assert.Equal("""[[["in",0,0,{}]]]""", conv["inbound_nodes"]!.ToJsonString());
        Assert.Equal("[null,4,4,2]", config["layers"]![0]!["config"]!["batch_input_shape"]!.ToJsonString());
    }

    [Fact]
    public void A_graph_with_shared_and_nested_layers_comes_back()
    {
        Model model = Nested();
        Model again = Lamina.Model.FromJson(model.ToJson(indented: true));
        Assert.Equal(model.Layers.Select(l => l.Name), again.Layers.Select(l => l.Name));
        Assert.Equal(model.Weights.Select(w => $"{w}"), again.Weights.Select(w => $"{w}"));
        Assert.Equal(model.ToJson(), again.ToJson());
    }

    // Their constructors in Keras 3 refuse keys that other layers have.
    [Theory]
    [InlineData("SpatialDropout2D", "data_format dtype name rate seed")]
    [InlineData("ActivityRegularization", "dtype l1 l2 name trainable")]
    [InlineData("AdaptiveAveragePooling2D", "data_format dtype name output_size trainable")]
    public void Layers_of_Keras_3_have_only_keys_that_it_accepts(string className, string keys)
    {
        Symbol input = Input(7, 6, 4);
        Symbol x = SpatialDropout2D(0.5)(ActivityRegularization(0.1)(AdaptiveAveragePooling2D(3)(input)));
        JsonObject json = KerasConfigWriter.WriteObject(Model(input, x));
        JsonNode layer = json["config"]!["layers"]!.AsArray().Single(l => (string)l!["class_name"]! == className)!;
        Assert.Equal("keras.layers", (string)layer["module"]!);
        Assert.Equal(keys, string.Join(' ', layer["config"]!.AsObject().Select(p => p.Key).Order()));
    }

    // Keras's nested models are born with a node of their own.
    [Fact]
    public void Nodes_of_nested_models_are_counted_from_1()
    {
        JsonArray layers = JsonNode.Parse(Nested().ToJson())!["config"]!["layers"]!.AsArray();
        JsonNode add = layers.Single(l => (string)l!["class_name"]! == "Add")!;
        Assert.Equal("""[[["tower",1,0,{}],["tower",2,0,{}]]]""", add["inbound_nodes"]!.ToJsonString());
    }

    [Fact]
    public void A_convolution_with_padding_in_pixels_becomes_two_layers()
    {
        Symbol input = Input(10, 10, 3);
        var model = Model(input, Conv2D(4, 3, 2, Padding.Explicit(0, 1, 2, 3), name: "c")(input));
        Model again = Lamina.Model.FromJson(model.ToJson());
        Assert.Equal(["InputLayer", "ZeroPadding2D", "Conv2D"], again.Layers.Select(l => l.ClassName));
        Assert.Equal(new Pads2(0, 1, 2, 3), Assert.IsType<ZeroPadding2D>(again.GetLayer("c_pad")).Padding);
        Assert.Equal(model.Outputs[0].Shape, again.Outputs[0].Shape);
    }

    [Fact]
    public void An_adaptive_pooling_that_divides_evenly_becomes_an_ordinary_one()
    {
        Symbol input = Input(12, 6, 3);
        var model = Model(input, AdaptiveAveragePooling2D((3, 6))(input));
        var pool = Assert.IsType<AveragePooling2D>(Lamina.Model.FromJson(model.ToJson()).Layers[1]);
        Assert.Equal((new Size2(4, 1), new Size2(4, 1)), (pool.PoolSize, pool.Strides));
        var odd = Model(input, AdaptiveAveragePooling2D((5, 6))(input));
        Assert.Contains("Lamina>AdaptiveAveragePooling2D", odd.ToJson(), StringComparison.Ordinal);
        Assert.IsType<AdaptiveAveragePooling2D>(Lamina.Model.FromJson(odd.ToJson()).Layers[1]);
    }

    [Fact]
    public void A_pooling_with_padding_in_pixels_has_no_form()
    {
        Symbol input = Input(10, 10, 3);
        var model = Model(input, MaxPool2D(3, 2, Padding.Explicit(0, 1, 0, 1), name: "p")(input));
        ConfigException error = Assert.Throws<ConfigException>(() => model.ToJson());
        Assert.StartsWith("p (MaxPooling2D): Keras has no pooling", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Laminas_own_layers_are_named_under_its_package()
    {
        Symbol input = Input(4, 4, 8);
        var model = Model(input, PaperLrn(name: "lrn")(input));
        Assert.Contains("\"Lamina>LocalResponseNormalization\"", model.ToJson(), StringComparison.Ordinal);
        Assert.IsType<LocalResponseNormalization>(Lamina.Model.FromJson(model.ToJson()).GetLayer("lrn"));
    }

    [Fact]
    public void What_acts_on_training_alone_is_left_out()
    {
        Model model = Lamina.Model.FromJson(
            Sequential(
                """
                {"class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [null, 3],
                "dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}, "autocast": true,
                "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.01}},
                "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 2}},
                "kernel_initializer": {"class_name": "LecunNormal", "config": {"seed": null, "dtype": "float32"}},
                "activation": {"module": "builtins", "class_name": "function", "config": "relu"}}}
                """
            )
        );
        var dense = Assert.IsType<Dense>(model.GetLayer("d"));
        Assert.Equal("relu", dense.Activation.Name);
        Assert.Equal(
            new VarianceScaling(1, FanMode.FanIn, ScalingDistribution.TruncatedNormal),
            dense.KernelInitializer
        );
    }

    [Theory]
    [InlineData("\"3.3.3\"", false)]
    [InlineData("\"2.12.0\"", true)]
    public void The_moving_variance_is_each_Keras_own(string version, bool unbiased)
    {
        Model model = Lamina.Model.FromJson(
            Sequential(
                """{"class_name": "BatchNormalization", "config": {"name": "n", "axis": [3], "batch_input_shape": [null, 2, 2, 3]}}""",
                $", \"keras_version\": {version}"
            )
        );
        Assert.Equal(unbiased, Assert.IsType<BatchNormalization>(model.GetLayer("n")).UnbiasedMovingVariance);
    }

    // Keras 3's to_json has no version, but modules.
    [Fact]
    public void Keras_3_is_told_by_its_form()
    {
        Model model = Lamina.Model.FromJson(
            """
            {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
            {"module": "keras.layers", "class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 3]}},
            {"module": "keras.layers", "class_name": "BatchNormalization", "config": {"name": "n"}},
            {"module": "keras.layers", "class_name": "Activation", "config": {"name": "a", "activation": "hard_sigmoid"}}]}}
            """
        );
        Assert.False(Assert.IsType<BatchNormalization>(model.GetLayer("n")).UnbiasedMovingVariance);
        Assert.Equal("hard_sigmoid_keras3", model.GetLayer("a").Activation!.Name);
    }

    // 0.2 · x + 0.5 in Keras 2, x / 6 + 0.5 in Keras 3.
    [Fact]
    public void A_hard_sigmoid_is_written_only_for_its_own_Keras()
    {
        Symbol input = Input(3);
        Model model2 = Model(input, Lamina.Layers.Activation("hard_sigmoid", name: "two")(input));
        Model model3 = Model(input, Lamina.Layers.Activation("hard_sigmoid_keras3", name: "three")(input));
        Assert.Contains("\"hard_sigmoid\"", model2.ToJson(), StringComparison.Ordinal);
        JsonObject written = KerasConfigWriter.WriteObject(model3);
        Assert.Equal("hard_sigmoid_keras3", KerasJson.Read(written, "3.16.0").GetLayer("three").Activation!.Name);
        Assert.StartsWith(
            "two (Activation): ",
            Assert.Throws<ConfigException>(() => KerasConfigWriter.WriteObject(model2)).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "three (Activation): ",
            Assert.Throws<ConfigException>(() => model3.ToJson()).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_LeakyReLU_stays_one()
    {
        Symbol input = Input(4);
        Model model = Model(input, LeakyReLU(0.1, name: "l")(input));
        Assert.Equal(0.1, Assert.IsType<LeakyReLU>(Lamina.Model.FromJson(model.ToJson()).GetLayer("l")).NegativeSlope);
        Assert.Contains("\"alpha\":0.1", model.ToJson(), StringComparison.Ordinal);
        Assert.Contains("l (LeakyReLU)", ModelSummary.ToText(model), StringComparison.Ordinal);
        Assert.Equal(0.3, LeakyReLU().Layer.NegativeSlope);
    }

    // Keras 2 allows a slash in names, Lamina and Keras 3 do not.
    [Fact]
    public void Slashes_in_names_become_underscores()
    {
        Model model = Lamina.Model.FromJson(
            """
            {"class_name": "Functional", "config": {"name": "a/b", "layers": [
            {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [null, 3]}, "name": "in", "inbound_nodes": []},
            {"class_name": "Dense", "config": {"name": "block/d", "units": 2}, "name": "block/d", "inbound_nodes": [[["in", 0, 0, {}]]]},
            {"class_name": "Softmax", "config": {"name": "s"}, "name": "s", "inbound_nodes": [[["block/d", 0, 0, {}]]]}],
            "input_layers": [["in", 0, 0]], "output_layers": [["s", 0, 0], ["block/d", 0, 0]]}}
            """
        );
        Assert.Equal("a_b", model.Name);
        Assert.Equal(["in", "block_d", "s"], model.Layers.Select(l => l.Name));
    }

    [Theory]
    [InlineData("\"module\": null, \"registered_name\": \"mine>Dense\"", "mine>Dense")]
    [InlineData("\"module\": \"__main__\", \"registered_name\": \"Dense\"", "__main__.Dense")]
    public void A_programs_own_class_with_a_name_of_Kerass_is_refused(string origin, string contains) =>
        Refused(
            Sequential(
                $$$"""{{{{origin}}}, "class_name": "Dense", "config": {"name": "d", "units": 2, "batch_input_shape": [null, 3]}}"""
            ),
            contains
        );

    [Theory]
    [InlineData("[", "malformed JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{}", "class_name")]
    [InlineData("{\"class_name\": \"Functional\"}", "\"config\"")]
    [InlineData("{\"class_name\": \"MyModel\", \"config\": {}}", "'MyModel' is not a model class")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": []}}", "no layers")]
    public void What_is_no_architecture_is_refused(string json, string contains) => Refused(json, contains);

    [Theory]
    [InlineData("""{"class_name": "LSTM", "config": {"name": "l"}}""", "unknown layer class 'LSTM' (layer 'l')")]
    [InlineData("""{"class_name": "Dense", "config": {"name": "d", "units": 4611686018427387904}}""", "d (Dense)")]
    [InlineData("""{"class_name": "Dense", "config": {"name": "d", "units": 2, "surprise": 1}}""", "\"surprise\"")]
    [InlineData("""{"class_name": "Conv2D", "config": {"name": "c", "filters": 2, "kernel_size": 3}}""", "c (Conv2D)")]
    [InlineData(
        """{"class_name": "Reshape", "config": {"name": "r", "target_shape": [2147483647, 2147483647, 9]}}""",
        "r (Reshape)"
    )]
    [InlineData("""{"class_name": "ReLU", "config": {"name": "r", "max_value": -3}}""", "r (ReLU)")]
    [InlineData("""{"class_name": "Dense", "config": 3}""", "config of a Dense")]
    public void What_a_layer_cannot_take_is_refused_with_its_name(string layer, string contains) =>
        Refused(
            $$$"""
            {"class_name": "Sequential", "config": {"name": "s", "layers": [
            {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [null, 1073741824]}}, {{{layer}}}]}}
            """,
            contains
        );

    [Theory]
    [InlineData("[null, 4611686018427387904]")]
    [InlineData("[null, 0]")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    public void A_shape_that_is_none_is_refused(string shape) =>
        Refused(
            $$$"""
            {"class_name": "Sequential", "config": {"name": "s", "layers": [
            {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": {{{shape}}}}}]}}
            """,
            "i (InputLayer)"
        );

    [Fact]
    public void Depth_beyond_measure_is_refused()
    {
        string deep = string.Concat(
            Enumerable.Repeat("{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\",\"layers\":[", 10_000)
        );
        Refused(deep, "levels deep");
        Refused(new string('[', 10_000), "levels deep");
        string layer =
            """{"class_name": "Dense", "config": {"name": "d", "units": 1, "batch_input_shape": [null, 1]}}""";
        for (int i = 0; i < 40; i++)
        {
            layer = $$$"""{"class_name": "Sequential", "config": {"name": "m{{{i}}}", "layers": [{{{layer}}}]}}""";
        }
        Refused(layer, "deep");
    }

    // Each model applies the one inside it twice: 30 of them would apply a layer 2^30 times.
    [Fact]
    public void Models_that_multiply_are_refused()
    {
        string inner =
            """{"class_name": "Activation", "config": {"name": "a", "activation": "relu"}, "name": "a", "inbound_nodes": [[["i", 0, 0, {}]], [["a", 0, 0, {}]]]}""";
        string last = "a";
        for (int k = 0; k < 30; k++)
        {
            string model = $$$"""
                {"class_name": "Functional", "config": {"name": "m{{{k}}}", "layers": [
                {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [null, 1]}, "name": "i", "inbound_nodes": []},
                {{{inner}}}], "input_layers": [["i", 0, 0]], "output_layers": [["{{{last}}}", 1, 0]]}
                """;
            last = $"m{k}";
            inner =
                $$$"""{{{model}}}, "name": "m{{{k}}}", "inbound_nodes": [[["i", 0, 0, {}]], [["m{{{k}}}", 0, 0, {}]]]}""";
        }
        Refused(inner[..inner.LastIndexOf(", \"name\"", StringComparison.Ordinal)] + "}", "times");
    }

    [Fact]
    public void A_graph_in_any_order_is_read_and_a_cycle_refused()
    {
        const int Count = 3000;
        var layers = Enumerable.Range(1, Count).Select(i => Activation($"l{i}", i == 1 ? "i" : $"l{i - 1}")).Reverse();
        Assert.Equal(Count + 1, Lamina.Model.FromJson(Graph([.. layers], $"l{Count}")).Layers.Count);
        Refused(Graph([Activation("a", "b"), Activation("b", "a"), Activation("c", "i")], "c"), "can never run");
        Refused(Graph([Activation("a", "nobody")], "a"), "can never run");
        Refused(Graph([Activation("a", "i"), Activation("a", "i")], "a"), "two layers are named 'a'");
        Refused(Graph([Activation("a", "i")], "elsewhere"), "'elsewhere'");
    }

    [Theory]
    [InlineData(
        """{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["i", 0, 0]}}], "kwargs": {"training": true}}""",
        "\"training\""
    )]
    [InlineData("""{"args": [3], "kwargs": {}}""", "not a tensor")]
    [InlineData("""[["i", 0, 0, {"mask": ["x", 0, 0]}]]""", "\"mask\"")]
    [InlineData("""[["i"]]""", "not [layer, node, output]")]
    [InlineData("""7""", "neither an array nor an object")]
    public void Calls_with_more_than_tensors_are_refused(string node, string contains) =>
        Refused(
            Graph(
                [
                    $$$"""{"class_name": "Flatten", "config": {"name": "f"}, "name": "f", "inbound_nodes": [{{{node}}}]}""",
                ],
                "f"
            ),
            contains
        );

    private static Model Nested()
    {
        Symbol inner = Input(Shape.Of(6, 6, 4), name: "inner");
        Model tower = Model(
            inner,
            BatchNormalization(name: "bn")(Conv2D(4, 3, padding: "same", name: "conv")(inner)),
            "tower"
        );
        Symbol a = Input(Shape.Of(6, 6, 2), name: "a");
        Symbol b = Input(Shape.Of(6, 6, 2), name: "b");
        Call<Conv2D> shared = Conv2D(4, 1, name: "shared");
        return Model([a, b], [Add(name: "add")(tower.Apply(shared(a)), tower.Apply(shared(b)))], "net");
    }

    private static string Sequential(string layer, string more = "") =>
        $$$"""{"class_name": "Sequential", "config": {"name": "s", "layers": [{{{layer}}}]}{{{more}}}}""";

    private static string Activation(string name, string input) =>
        $$$"""{"class_name": "Activation", "config": {"name": "{{{name}}}", "activation": "relu"}, "name": "{{{name}}}", "inbound_nodes": [[["{{{input}}}", 0, 0, {}]]]}""";

    private static string Graph(string[] layers, string output) =>
        $$$"""
            {"class_name": "Functional", "config": {"name": "g", "layers": [
            {"class_name": "InputLayer", "config": {"name": "i", "batch_input_shape": [null, 2]}, "name": "i", "inbound_nodes": []},
            {{{string.Join(",", layers)}}}], "input_layers": ["i", 0, 0], "output_layers": ["{{{output}}}", 0, 0]}}
            """;

    private static void Refused(string json, string contains)
    {
        ConfigException error = Assert.Throws<ConfigException>(() => Lamina.Model.FromJson(json));
        Assert.Contains(contains, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
