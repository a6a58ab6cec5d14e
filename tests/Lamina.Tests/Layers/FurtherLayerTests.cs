using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.LayerTests;

/// <summary>Shapes, weights and refusals of the further layers, by Keras's documentation; chains and functions.</summary>
public class FurtherLayerTests
{
    public static TheoryData<Func<Layer>> Configured =>
        new()
        {
            () => new DepthwiseConv2D((3, 2), 2, "same", 2, activation: "relu", useBias: false),
            () => new SeparableConv2D(5, 3, 2, depthMultiplier: 3, pointwiseInitializer: "he_normal"),
            () => new Conv2DTranspose(4, 3, 2, "same", outputPadding: (1, 0)),
            () => new Conv1D(4, 3, 2, "causal", groups: 2),
            () => new Cropping2D(new Pads2(1, 2, 0, 3)),
            () => new UpSampling2D((2, 3), "lanczos3"),
            () => new ReLU(3, 0.1, 0.2),
            () => new PReLU("ones", [1, 2]),
            () => new Dot([1, 2], normalize: true),
            () => new LayerNormalization([1, 3], 0.01, center: false),
            () => new GroupNormalization(-1, axis: 1),
            () => new Normalization([-1], [1, 2], [3, 4], invert: true),
            () => new Normalization([]),
            () => new Resizing(3, 4, "bicubic", cropToAspectRatio: true),
            () => new RandomFlipLayer("vertical", seed: 3),
            () => new RandomRotationLayer((-0.1, 0.3), "wrap", "nearest"),
            () => new RandomZoom(0.2, (-0.1, 0.5)),
            () => new RandomContrast((0.1, 0.5), (0, 1)),
            () => new RandomBrightness(0.5),
            () => new GaussianNoise(0.5, seed: 4),
        };

    [Fact]
    public void Shapes_are_Kerass()
    {
        Symbol x = Input(6, 8, 4);
        Assert.Equal("(None, 3, 4, 8)", DepthwiseConv2D(3, 2, "same", 2)(x).Shape.ToString());
        Assert.Equal("(None, 4, 6, 5)", SeparableConv2D(5, 3)(x).Shape.ToString());
        Assert.Equal("(None, 12, 16, 5)", Conv2DTranspose(5, 3, 2, "same")(x).Shape.ToString());
        Assert.Equal("(None, 13, 17, 5)", Conv2DTranspose(5, 3, 2)(x).Shape.ToString());
        // A window below the stride leaves gaps, which belong to the output.
        Assert.Equal("(None, 18, 24, 5)", Conv2DTranspose(5, 2, 3)(x).Shape.ToString());
        Assert.Equal("(None, 14, 17, 5)", Conv2DTranspose(5, 3, 2, outputPadding: (1, 0))(x).Shape.ToString());
        Assert.Equal("(None, 4)", GlobalMaxPooling2D()(x).Shape.ToString());
        Assert.Equal("(None, 3, 7, 4)", Cropping2D(((1, 2), (0, 1)))(x).Shape.ToString());
        Assert.Equal("(None, 12, 24, 4)", UpSampling2D((2, 3))(x).Shape.ToString());
        Assert.Equal("(None, 5, 192)", RepeatVector(5)(Flatten()(x)).Shape.ToString());
        Assert.Equal("(None, 24, 3)", Conv1D(3, 3, 2, "same")(Reshape(48, 4)(x)).Shape.ToString());
        Assert.Equal("(None, 6, 8, 6, 8)", Dot(3)(x, x).Shape.ToString());
        Assert.Equal("(None, 1)", Dot(1)(Flatten()(x), Flatten()(x)).Shape.ToString());
        Assert.Equal("(None, 3, 4, 4)", Resizing(3, 4)(x).Shape.ToString());
        Assert.Equal("(None, 9, 2, 4)", CenterCrop(9, 2)(x).Shape.ToString());
        Assert.Equal("(None, 2, 3, 4)", RandomCrop(2, 3)(x).Shape.ToString());
    }

    [Fact]
    public void Null_as_a_name_is_the_default_like_None_in_Keras()
    {
        string? none = null;
        Dense dense = Dense(
            3,
            activation: none,
            kernelInitializer: none,
            kernelRegularizer: none,
            biasConstraint: none,
            name: "named"
        ).Layer;
        Assert.Equal(Dense(3, name: "named").Layer.GetConfig().ToJsonString(), dense.GetConfig().ToJsonString());
        Assert.Throws<ArgumentException>(() => Dense(3, activation: ""));
    }

    [Fact]
    public void Sides_are_written_out_in_errors()
    {
        string message = Assert.Throws<ShapeException>(() => Cropping2D(((3, 1), (0, 2)))(Input(4, 4, 1))).Message;
        Assert.Contains(
            "cropping (top 3, bottom 1, left 0, right 2) leaves nothing of (None, 4, 4, 1)",
            message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_are_Kerass()
    {
        Symbol x = Input(6, 8, 4);
        Assert.Equal(
            ["depthwise_kernel (3, 2, 4, 2)", "bias (8,)"],
            Weights(new DepthwiseConv2D((3, 2), depthMultiplier: 2), x)
        );
        Assert.Equal(["kernel (3, 3, 5, 4)", "bias (5,)"], Weights(new Conv2DTranspose(5, 3), x));
        Assert.Equal(["gamma (6, 4)", "beta (6, 4)"], Weights(new LayerNormalization([3, 1]), x));
        Assert.Equal(["alpha (1, 1, 4)"], Weights(new PReLU(sharedAxes: [1, 2]), x));
        Assert.Equal(["mean (4,)", "variance (4,)", "count ()"], Weights(new Normalization(), x));

        static string[] Weights(Layer layer, Symbol x)
        {
            layer.Apply(x);
            return [.. layer.Weights.Select(w => $"{w.Name} {w.Shape}")];
        }
    }

    [Theory]
    [MemberData(nameof(Configured))]
    public void A_config_makes_the_same_layer_again(Func<Layer> make)
    {
        Layer layer = make();
        string config = layer.GetConfig().ToJsonString();
        Layer again = LayerRegistry.FromConfig(layer.ClassName, JsonNode.Parse(config)!.AsObject());
        Assert.Equal(config, again.GetConfig().ToJsonString());
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_one_line()
    {
        Symbol x = Input(6, 8, 4);
        Refuses<ShapeException>("conv2d_transpose", () => Conv2DTranspose(1, 3, 2, dilationRate: 2)(x));
        Refuses<ArgumentOutOfRangeException>("outputPadding", () => Conv2DTranspose(1, 3, 2, outputPadding: 2));
        Refuses<ArgumentException>("pixels", () => Conv2DTranspose(1, 3, padding: Padding.Explicit(1, 1, 1, 1)));
        Refuses<ShapeException>("does not fit", () => DepthwiseConv2D(9)(x));
        Refuses<ShapeException>("leaves nothing", () => Cropping2D(3)(x));
        Refuses<ShapeException>("groups", () => GroupNormalization(3)(x));
        Refuses<ShapeException>("sequences", () => Conv1D(3, 3)(x));
        Refuses<ArgumentException>("'cubic'", () => Resizing(3, 3, "cubic"));
        Refuses<ArgumentException>("'mirror'", () => RandomZoom(0.1, fillMode: "mirror"));
        Refuses<ArgumentOutOfRangeException>("heightFactor", () => RandomTranslation(1.5, 0));
        Refuses<ShapeException>("differ in length", () => Dot([1, 2])(x, x));
        Refuses<ShapeException>("even", () => Layers.Activation("glu")(Input(3)));

        static void Refuses<T>(string part, Func<object> act)
            where T : Exception
        {
            T error = Assert.Throws<T>(act);
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void A_sequential_is_a_chain_named_as_in_Keras()
    {
        Session.Clear();
        Model inner = Sequential([Input(4), Dense(3)]);
        Model model = Sequential([Input(2, 2, 1), Flatten(), inner, new Dense(5, "relu")], "chain");
        Assert.Equal("sequential", inner.Name);
        Assert.Equal("Sequential", model.ClassName);
        Assert.Equal("(None, 5)", model.Outputs[0].Shape.ToString());
        Assert.StartsWith(
            "Model: \"chain\"",
            ModelSummary.ToText(model, SummaryStyle.Keras3),
            StringComparison.Ordinal
        );
        Assert.Throws<GraphException>(() => Sequential([Flatten(), Dense(3)]));
        Assert.Throws<GraphException>(() => Sequential([Input(4)]));
        Assert.Throws<GraphException>(() => Sequential([Input(4), Input(4)]));
    }

    [Fact]
    public void A_lambda_is_saved_under_its_registered_name()
    {
        Func<Symbol, Symbol> half = Lamina.Lambda.Register("half_of", x => x * 0.5);
        Symbol input = Input(4);
        var model = new Model(input, Lambda(half)(input));
        Assert.Equal("(None, 4)", Model.FromConfig(model.GetConfig()).Outputs[0].Shape.ToString());
        ConfigException error = Assert.Throws<ConfigException>(() => new Lambda(x => x, "own").GetConfig());
        Assert.StartsWith("own (Lambda): ", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Lamina.Lambda.Register("half_of", x => x));
    }

    [Fact]
    public void A_lambda_of_Keras_is_refused_because_it_is_code()
    {
        var config = new JsonObject
        {
            ["name"] = "l",
            ["function"] = new JsonObject { ["class_name"] = "__lambda__" },
        };
        ConfigException error = Assert.Throws<ConfigException>(() => LayerRegistry.FromConfig("Lambda", config));
        Assert.Contains("Python", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Normalization_adapts_to_batches_as_to_the_whole()
    {
        var data = new NDArray([6, 2, 3]);
        var random = new RandomStream(1, RandomPurpose.User);
        foreach (ref float value in data.Values)
        {
            value = 1000 + random.NextSingle();
        }
        foreach (
            int[] axis in (int[][])
                [
                    [-1],
                    [1, 2],
                    [1],
                    [],
                ]
        )
        {
            var layer = new Normalization(axis);
            layer.Adapt([data.Samples(0, 1), data.Samples(1, 3), data.Samples(4, 2)]);
            layer.Apply(Input(2, 3));
            float[] mean = layer.Weights[0].GetValues();
            float[] variance = layer.Weights[1].GetValues();
            for (int i = 0; i < mean.Length; i++)
            {
                double[] group = [.. Group(data, axis, i)];
                double expected = group.Average();
                Assert.Equal(expected, mean[i], 1e-3);
                Assert.Equal(group.Select(v => (v - expected) * (v - expected)).Average(), variance[i], 1e-5);
            }
        }

        static IEnumerable<double> Group(NDArray data, int[] axis, int index)
        {
            for (int k = 0; k < data.Values.Length; k++)
            {
                (int r, int c) = (k / 3 % 2, k % 3);
                int group = axis switch
                {
                    [-1] => c,
                    [1, 2] => (r * 3) + c,
                    [1] => r,
                    _ => 0,
                };
                if (group == index)
                {
                    yield return data.Values[k];
                }
            }
        }
    }
}
