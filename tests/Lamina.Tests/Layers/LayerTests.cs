using static Lamina.Layers;

namespace Lamina.Tests.LayerTests;

/// <summary>Shapes, parameters, weights' names and refusals, against what Keras 2's documentation and rules give.</summary>
public class LayerTests
{
    [Theory]
    [InlineData("same", 1, 1, "(None, 28, 28, 16)")]
    [InlineData("valid", 1, 1, "(None, 26, 26, 16)")]
    [InlineData("SAME", 2, 1, "(None, 14, 14, 16)")]
    [InlineData("valid", 1, 2, "(None, 24, 24, 16)")]
    public void Conv2D_shapes(string padding, int strides, int dilation, string expected)
    {
        Symbol x = Conv2D(16, 3, strides, padding, dilation)(Input(28, 28, 4));
        Assert.Equal(expected, x.Shape.ToString());
    }

    [Fact]
    public void Conv2D_weights_are_Keras()
    {
        Call<Conv2D> conv = Conv2D(8, (3, 5), groups: 2);
        conv(Input(9, 9, 4));
        Assert.Equal(["kernel", "bias"], conv.Layer.Weights.Select(w => w.Name));
        Assert.Equal("(3, 5, 2, 8)", conv.Layer.Weights[0].Shape.ToString());
        Assert.Equal((3 * 5 * 2 * 8) + 8, conv.Layer.CountParams());
    }

    [Fact]
    public void Explicit_padding_gives_the_papers_55()
    {
        Symbol x = Conv2D(96, 11, 4, Padding.Explicit(0, 3, 0, 3))(Input(224, 224, 3));
        Assert.Equal("(None, 55, 55, 96)", x.Shape.ToString());
        Assert.Equal(new Pads2(3, 4, 3, 4), Padding.Same.Resolve(224, 224, 11, 4, 1));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(1, 6)]
    [InlineData(2, 7)]
    public void BatchNormalization_normalises_its_axis(int axis, int channels)
    {
        Call<BatchNormalization> layer = BatchNormalization(axis);
        Assert.Equal("(None, 6, 7, 5)", layer(Input(6, 7, 5)).Shape.ToString());
        Assert.Equal(["gamma", "beta", "moving_mean", "moving_variance"], layer.Layer.Weights.Select(w => w.Name));
        Assert.Equal(4 * channels, layer.Layer.CountParams());
        Assert.Equal(2 * channels, layer.Layer.TrainableWeights.Sum(w => w.Count));
        layer.Layer.Trainable = false;
        Assert.Empty(layer.Layer.TrainableWeights);
    }

    [Fact]
    public void Shapes_of_the_other_layers()
    {
        Symbol x = Input(6, 8, 4);
        Assert.Equal("(None, 3, 4, 4)", MaxPool2D()(x).Shape.ToString());
        Assert.Equal("(None, 2, 3, 4)", MaxPooling2D(3, 2)(x).Shape.ToString());
        Assert.Equal("(None, 3, 4, 4)", AveragePooling2D(3, 2, "same")(x).Shape.ToString());
        Assert.Equal("(None, 4)", GlobalAveragePooling2D()(x).Shape.ToString());
        Assert.Equal("(None, 1, 1, 4)", GlobalAveragePooling2D(keepDims: true)(x).Shape.ToString());
        Assert.Equal("(None, 192)", Flatten()(x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 9)", Dense(9)(x).Shape.ToString());
        Assert.Equal("(None, 8, 10, 4)", ZeroPadding2D()(x).Shape.ToString());
        Assert.Equal("(None, 8, 12, 4)", ZeroPadding2D((1, 2))(x).Shape.ToString());
        Assert.Equal("(None, 9, 15, 4)", ZeroPadding2D(((1, 2), (3, 4)))(x).Shape.ToString());
        Assert.Equal("(None, 6, 16, 4)", Concatenate(axis: 2)(x, x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 4)", Add()(x, x, x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 4)", Multiply()(x, x).Shape.ToString());
        Assert.Equal("(None, 2, 96)", Reshape(2, -1)(x).Shape.ToString());
        Assert.Equal("(None, 4, 6, 8)", Permute([3, 1, 2])(x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 4)", Softmax(axis: 1)(x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 4)", Rescaling(1.0 / 255)(x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 4)", LocalResponseNormalization()(x).Shape.ToString());
        Assert.Equal("(None, 5, 2, 4)", AdaptiveAveragePooling2D((5, 2))(x).Shape.ToString());
        Assert.Equal("(None, 6, 8, 3)", Slice(start: 1, size: 3)(x).Shape.ToString());
        Assert.Equal("(None, 2, 8, 4)", Slice(start: 4, size: 2, axis: 1)(x).Shape.ToString());
    }

    public static TheoryData<Func<object>, string> Refused =>
        new()
        {
            { () => Conv2D(0, 3), "Conv2D: filters is 0" },
            { () => Conv2D(8, (3, 0)), "Conv2D: kernelSize is 3×0" },
            { () => Conv2D(8, 3, strides: 2, dilationRate: 2), "cannot both exceed 1" },
            { () => Conv2D(8, 3, groups: 3), "3 groups do not divide 8 filters" },
            { () => Conv2D(8, 3, padding: "full"), "'full' is not a padding" },
            { () => Padding.Explicit(0, -1, 0, 0), "bottom is -1" },
            { () => MaxPool2D(2, padding: Padding.Explicit(2, 0, 0, 0)), "below the pool of 2×2" },
            { () => AveragePooling2D(0), "AveragePooling2D: poolSize is 0×0" },
            { () => Dense(0), "Dense: units is 0" },
            { () => Dropout(1), "Dropout: rate is 1" },
            { () => Dropout(double.NaN), "Dropout: rate is NaN" },
            { () => BatchNormalization(axis: 0), "BatchNormalization: axis is 0" },
            { () => BatchNormalization(momentum: 1.5), "BatchNormalization: momentum is 1.5" },
            { () => BatchNormalization(epsilon: 0), "BatchNormalization: epsilon is 0" },
            { () => ReLU(maxValue: -1), "ReLU: maxValue is -1" },
            { () => ReLU(6, negativeSlope: -0.1), "ReLU: negativeSlope is -0.1" },
            { () => Reshape(-1, -1), "targetShape is (-1, -1)" },
            { () => Permute([1, 3]), "dims is (1, 3)" },
            { () => Rescaling(double.PositiveInfinity), "scale must be one finite number" },
            { () => LocalResponseNormalization(size: 4), "size is 4" },
            { () => CaffeLrn(localSize: 0), "size is 0" },
            { () => PyTorchLrn(size: 4), "size is 4" },
            { () => TensorFlowLrn(depthRadius: -1), "depthRadius is -1" },
            { () => AdaptiveAveragePooling2D((6, 0)), "outputSize is 6×0" },
            { () => Slice(-1, 2), "start is -1" },
            { () => Slice(0, 0), "size is 0" },
        };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void Arguments_out_of_range_are_named(Func<object> make, string expected)
    {
        string message = Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_with_the_layers_name()
    {
        Symbol image = Input(6, 6, 3);
        string message = Assert.Throws<ShapeException>(() => Conv2D(8, 11, name: "big")(image)).Message;
        Assert.Equal(
            "big (Conv2D): a 11×11 'valid' window does not fit its 6×6 input. "
                + "Use padding: \"same\", a smaller kernel, or a larger Input.",
            message
        );
        message = Assert.Throws<ShapeException>(() => Conv2D(8, 3, groups: 2, name: "g")(image)).Message;
        Assert.Equal("g (Conv2D): 2 groups do not divide the input's 3 channels.", message);
        message = Assert.Throws<ShapeException>(() => MaxPool2D(name: "p")(Flatten()(image))).Message;
        Assert.StartsWith("p (MaxPooling2D): pooling needs images", message, StringComparison.Ordinal);
        message = Assert.Throws<ShapeException>(() => Add(name: "a")(image)).Message;
        Assert.Equal("a (Add): needs at least 2 input(s), got 1.", message);
        Assert.Throws<ShapeException>(() => Reshape(5, -1)(image));
        Assert.Throws<ShapeException>(() => BatchNormalization(4)(image));
    }
}
