using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.Graph;

/// <summary>Layers from configs, as Keras 2 and 3 write them.</summary>
public class LayerRegistryTests
{
    // As Keras 2.10 writes it.
    private const string Conv = """
        {"name": "conv2d_7", "trainable": false, "dtype": "float32", "filters": 384, "kernel_size": [3, 5],
        "strides": [2, 1], "padding": "same", "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 2,
        "activation": "relu", "use_bias": true,
        "kernel_initializer": {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.01, "seed": 7}},
        "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": null,
        "bias_regularizer": null, "activity_regularizer": null, "kernel_constraint": null, "bias_constraint": null}
        """;

    [Fact]
    public void Keras2_conv2d_is_read_whole()
    {
        var conv = Assert.IsType<Conv2D>(LayerRegistry.FromConfig("Conv2D", Parse(Conv)));
        Assert.Equal("conv2d_7", conv.Name);
        Assert.False(conv.Trainable);
        Assert.Equal((384, 2), (conv.Filters, conv.Groups));
        Assert.Equal((new Size2(3, 5), new Size2(2, 1)), (conv.KernelSize, conv.Strides));
        Assert.Same(Padding.Same, conv.Padding);
        Assert.Equal("relu", conv.Activation.Name);
        Assert.Equal(new RandomNormal(0, 0.01) { Seed = 7 }, conv.KernelInitializer);
        Assert.True(JsonNode.DeepEquals(Parse(Conv), Parse(conv.GetConfig().ToJsonString())));
    }

    [Fact]
    public void Keras3_input_and_policy_are_read()
    {
        var config = Parse(
            """
            {"batch_shape": [null, 32, 32, 3], "sparse": false, "name": "in",
            "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}}
            """
        );
        var input = Assert.IsType<InputLayer>(LayerRegistry.FromConfig("InputLayer", config));
        Assert.Equal("(None, 32, 32, 3)", input.Shape.ToString());
    }

    [Fact]
    public void Every_layer_survives_its_config()
    {
        Symbol x = Input(new Shape(8, 8, 4), batchSize: 2);
        Layer[] layers =
        [
            x.Layer!,
            Conv2D(4, 3, padding: Padding.Explicit(0, 1, 2, 3), useBias: false).Layer,
            BatchNormalization(1, 0.9, 1e-5, false, unbiasedMovingVariance: false).Layer,
            MaxPool2D(3, 2, "same").Layer,
            AveragePooling2D((2, 3)).Layer,
            GlobalAveragePooling2D(true).Layer,
            Flatten().Layer,
            Dense(
                3,
                "softmax",
                kernelInitializer: new VarianceScaling(2, FanMode.FanOut, ScalingDistribution.Uniform)
            ).Layer,
            Dropout(0.25, 3).Layer,
            Activation("tanh").Layer,
            ReLU(6).Layer,
            ReLU(negativeSlope: 0.1).Layer,
            Softmax(1).Layer,
            ZeroPadding2D(((1, 2), (3, 4))).Layer,
            Concatenate(2).Layer,
            Add().Layer,
            Multiply().Layer,
            Reshape(-1, 4).Layer,
            Permute([3, 1, 2]).Layer,
            Rescaling([1, 2, 3, 4], [0.5f]).Layer,
            LocalResponseNormalization(3, 1e-3, 0.5, 1).Layer,
            CaffeLrn(localSize: 7, alpha: 1e-4).Layer,
            AdaptiveAveragePooling2D((6, 5)).Layer,
            Slice(start: 2, size: 3, axis: 1).Layer,
        ];
        foreach (Layer layer in layers)
        {
            layer.Trainable = false;
            string config = layer.GetConfig().ToJsonString();
            Layer again = LayerRegistry.FromConfig(layer.ClassName, Parse(config));
            Assert.Equal(layer.GetType(), again.GetType());
            Assert.Equal(config, again.GetConfig().ToJsonString());
        }
    }

    [Theory]
    [InlineData("Conv2D", "filters", "null", "conv2d_7 (Conv2D): \"filters\" is missing")]
    [InlineData(
        "Conv2D",
        "filters",
        "\"many\"",
        "conv2d_7 (Conv2D): \"filters\" is \"many\", but must be a whole number."
    )]
    [InlineData("Conv2D", "filters", "1.5", "\"filters\" is 1.5, but must be a whole number.")]
    [InlineData("Conv2D", "filters", "-3", "conv2d_7 (Conv2D): filters is -3; it must be at least 1.")]
    [InlineData("Conv2D", "filters", "1e99", "must be a whole number.")]
    [InlineData("Conv2D", "kernel_size", "[1, 2, 3]", "must be a whole number or [height, width].")]
    [InlineData("Conv2D", "padding", "\"causal\"", "'causal' is not a padding")]
    [InlineData("Conv2D", "activation", "\"cube\"", "'cube' is not an activation")]
    [InlineData("Conv2D", "activation", "{}", "\"activation\" is {}, but must be text.")]
    [InlineData("Conv2D", "use_bias", "1", "must be true or false.")]
    [InlineData("Conv2D", "data_format", "\"channels_first\"", "Lamina supports only \"channels_last\".")]
    [InlineData("Conv2D", "dtype", "\"float16\"", "Lamina supports only \"float32\".")]
    [InlineData(
        "Conv2D",
        "kernel_regularizer",
        "{\"class_name\": \"L3\"}",
        "\"kernel_regularizer\": unknown regularizer class 'L3'"
    )]
    [InlineData("Conv2D", "kernel_initializer", "{\"class_name\": \"STFT\"}", "unknown initializer class")]
    [InlineData("Conv2D", "kernel_initializer", "[]", "must be an initializer's name")]
    [InlineData("Conv2D", "trainable", "\"yes\"", "must be true or false.")]
    [InlineData("Conv2D", "name", "\"a/b\"", "is not a valid layer name")]
    [InlineData(
        "Conv3D",
        "filters",
        "1",
        "unknown layer class 'Conv3D' (layer 'conv2d_7'): register a class of your own before loading: LayerRegistry.Register<Conv3D>(). "
            + "Lamina knows Activation, ActivityRegularization, AdaptiveAveragePooling2D, Add,"
    )]
    public void Malformed_configs_are_refused(string className, string key, string value, string expected)
    {
        JsonObject config = Parse(Conv);
        config[key] = JsonNode.Parse(value);
        string message = Assert.Throws<ConfigException>(() => LayerRegistry.FromConfig(className, config)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_programs_own_layer_is_registered_once()
    {
        LayerRegistry.Register("Twice", r => new Twice(r.Name));
        Symbol input = Input(3);
        Model model = Model(input, new Twice().Apply(input));
        Model again = Lamina.Model.FromConfig(Parse(model.GetConfig().ToJsonString()));
        Assert.IsType<Twice>(again.Layers[1]);
        Assert.Throws<ArgumentException>(() => LayerRegistry.Register("Twice", r => new Twice(r.Name)));
        Assert.Throws<ArgumentException>(() => LayerRegistry.Register("Conv2D", r => new Twice(r.Name)));
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private sealed class Twice(string? name = null) : Layer(name)
    {
        protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Add(inputs[0], inputs[0]);
    }
}
