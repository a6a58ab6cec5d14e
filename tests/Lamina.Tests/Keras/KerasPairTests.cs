using System.Text.Json.Nodes;
using static Lamina.Layers;

namespace Lamina.Tests.Keras;

/// <summary>Layers of Lamina's that are two in Keras.</summary>
public class KerasPairTests
{
    private static readonly Padding s_pixels = Lamina.Padding.Explicit(1, 0, 1, 0);

    public static TheoryData<string> NonNegative => [.. Makers.Where(m => !m.Key.StartsWith('-')).Select(m => m.Key)];

    public static TheoryData<string> PerhapsNegative =>
        [.. Makers.Where(m => m.Key.StartsWith('-')).Select(m => m.Key)];

    // Values before the pooling; those whose names begin with a minus may be negative.
    private static Dictionary<string, Func<Symbol, Symbol>> Makers =>
        new(StringComparer.Ordinal)
        {
            ["relu of a convolution"] = x => Conv2D(4, 3, activation: "relu")(x),
            ["relu after normalization"] = x => Activation("relu6")(BatchNormalization()(Conv2D(4, 3)(x))),
            ["sum"] = x => Add()(ReLU()(x), Softmax()(x)),
            ["concatenation"] = x => Concatenate()(Activation("sigmoid")(x), Dropout(0.1)(ReLU()(x))),
            ["normalized"] = x => LocalResponseNormalization()(Activation("relu")(x)),
            ["product"] = x => Multiply()(Activation("softplus")(x), GlobalAveragePooling2D(true)(ReLU()(x))),
            ["rescaled"] = x => Rescaling(2, 1)(MaxPool2D(2)(ReLU()(x))),
            ["moved"] = x => Permute([2, 1, 3], null)(ZeroPadding2D(1)(Activation("silu")(ReLU()(x)))),
            ["-input"] = x => x,
            ["-convolution"] = x => Conv2D(4, 3)(x),
            ["-leaky"] = x => ReLU(negativeSlope: 0.1)(x),
            ["-tanh"] = x => Activation("tanh")(x),
            ["-sum"] = x => Add()(ReLU()(x), x),
            ["-offset"] = x => Rescaling(1, -0.1)(ReLU()(x)),
            ["-normalized"] = x => BatchNormalization()(ReLU()(x)),
        };

    [Theory]
    [MemberData(nameof(NonNegative))]
    public void Pixels_around_values_of_no_sign_are_zeros_before_a_pooling(string values)
    {
        Symbol x = Input(9, 9, 3);
        JsonArray layers = Layers(Model(x, MaxPool2D(3, 2, s_pixels, "pool")(Makers[values](x))));
        JsonNode pad = layers[^2]!;
        JsonNode pool = layers[^1]!;
        Assert.Equal(("ZeroPadding2D", "pool_pad"), ((string)pad["class_name"]!, (string)pad["config"]!["name"]!));
        Assert.Equal("[[1,0],[1,0]]", pad["config"]!["padding"]!.ToJsonString());
        Assert.Equal("valid", (string)pool["config"]!["padding"]!);
        Assert.Equal("pool_pad", (string)pool["inbound_nodes"]![0]![0]![0]!);
    }

    [Theory]
    [MemberData(nameof(PerhapsNegative))]
    public void Pixels_around_values_that_may_be_negative_are_refused(string values)
    {
        Symbol x = Input(9, 9, 3);
        Model model = Model(x, MaxPool2D(3, 2, s_pixels, "pool")(Makers[values](x)));
        string error = Assert.Throws<ConfigException>(() => model.ToJson()).Message;
        Assert.StartsWith("pool (MaxPooling2D): ", error, StringComparison.Ordinal);
        Assert.Contains("negative", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pooling_that_is_applied_twice_needs_both_values_without_sign()
    {
        Symbol x = Input(9, 9, 3);
        Call<MaxPool2D> pool = MaxPool2D(3, 2, s_pixels, "pool");
        Assert.Throws<ConfigException>(() => Model(x, Add()(pool(ReLU()(x)), pool(x))).ToJson());
    }

    [Fact]
    public void Means_with_padding_in_pixels_are_refused_as_zeros_would_count()
    {
        Symbol x = Input(9, 9, 3);
        Model model = Model(x, AveragePooling2D(3, 2, s_pixels, "pool")(ReLU()(x)));
        Assert.Contains(
            "count",
            Assert.Throws<ConfigException>(() => model.ToJson()).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Means_that_stay_images_are_reshaped_for_those_who_lack_the_key()
    {
        Symbol x = Input(9, 9, 3);
        Model model = Model(x, Conv2D(2, 1)(GlobalAveragePooling2D(true, "mean")(x)));
        JsonArray layers = Layers(model);
        Assert.Equal(
            "InputLayer GlobalAveragePooling2D Reshape Conv2D",
            string.Join(' ', layers.Select(l => (string)l!["class_name"]!))
        );
        Assert.Equal("[1,1,3]", layers[2]!["config"]!["target_shape"]!.ToJsonString());
        Assert.Null(layers[1]!["config"]!["keepdims"]);
        Model read = Lamina.Model.FromJson(model.ToJson());
        Assert.Equal(model.Outputs[0].Shape, read.Outputs[0].Shape);
    }

    private static JsonArray Layers(Model model) => JsonNode.Parse(model.ToJson())!["config"]!["layers"]!.AsArray();
}
