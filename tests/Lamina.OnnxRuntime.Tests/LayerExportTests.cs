using Lamina.Formats.Tests;
using static Lamina.Layers;

namespace Lamina.OnnxRuntime.Tests;

/// <summary>Layers that are compositions of ops, as ONNX Runtime computes them, in both orders of channels.</summary>
public class LayerExportTests
{
    public LayerExportTests()
    {
        Session.Clear();
        Session.SetRandomSeed(4);
    }

    [Fact]
    public void Convolutions()
    {
        Symbol input = Input(6, 5, 4);
        Symbol sequence = Reshape(30, 4)(input);
        Check(
            input,
            DepthwiseConv2D(3, strides: 2, padding: "same", depthMultiplier: 2, activation: "relu")(input),
            SeparableConv2D(3, 3, padding: "same", depthMultiplier: 2)(input),
            Conv2DTranspose(3, 3, strides: 2, padding: "same", activation: "elu")(input),
            Conv2DTranspose(2, (2, 3), strides: (3, 1), biasInitializer: "ones")(input),
            Conv2DTranspose(2, 3, strides: 2, outputPadding: (1, 0))(input),
            Conv2DTranspose(2, 3, padding: "same", dilationRate: 2)(input),
            Conv1D(4, 3, padding: "causal", groups: 2)(sequence),
            Conv1D(3, 4, strides: 2, padding: "same")(sequence),
            BatchNormalization()(DepthwiseConv2D(3)(input)),
            BatchNormalization()(Conv2DTranspose(3, 3)(input))
        );
    }

    [Fact]
    public void Normalizations_and_shapes()
    {
        Symbol input = Input(6, 5, 4);
        Symbol x = Conv2D(4, 2, padding: "same")(input);
        Call<Normalization> normalization = Normalization();
        normalization.Layer.Adapt(RoundTrip.Inputs(new Model(input, input + 0), 5)[0]);
        Check(
            input,
            LayerNormalization()(x),
            LayerNormalization([1, 3])(x),
            RMSNormalization()(x),
            GroupNormalization(2)(x),
            GroupNormalization(-1, axis: 1)(x),
            UnitNormalization([1, 2])(x),
            normalization(input),
            GlobalMaxPooling2D()(x),
            Cropping2D(((1, 2), (0, 1)))(x),
            UpSampling2D((2, 3))(x),
            UpSampling2D(2, "bicubic")(x),
            Resizing(4, 9, padToAspectRatio: true, fillValue: 0.5)(x),
            RepeatVector(3)(Flatten()(x)),
            Identity()(x)
        );
    }

    [Fact]
    public void Activations_and_merging()
    {
        Symbol input = Input(6, 5, 4);
        Symbol x = Conv2D(4, 2, padding: "same")(input) * 3;
        Symbol channels = GlobalAveragePooling2D()(x);
        string[] names =
        [
            "celu",
            "glu",
            "hard_shrink",
            "hard_silu",
            "hard_tanh",
            "log_sigmoid",
            "log_softmax",
            "mish",
            "soft_shrink",
            "sparse_plus",
            "sparse_sigmoid",
            "sparsemax",
            "squareplus",
            "tanh_shrink",
        ];
        Check(
            input,
            [
                .. names.Select(n => Layers.Activation(n)(x)),
                PReLU("ones", [1, 2])(x),
                ELU(0.7)(x),
                ReLU(1, 0.2, 0.1)(x),
                Average()(x, input, channels),
                Maximum()(x, input),
                Minimum()(x, channels),
                Subtract()(x, input),
                Dot(3, normalize: true)(x, input),
                Dot([1, 3])(channels, x),
                Lambda(s => Ops.Sin(s) + Ops.Cos(s))(x),
            ]
        );
    }

    [Fact]
    public void Random_layers_leave_no_trace()
    {
        Symbol input = Input(6, 5, 3);
        Symbol x = RandomContrast(0.2)(RandomZoom(0.1)(RandomRotation(0.1)(RandomTranslation(0.1, 0.1)(input))));
        x = RandomBrightness(0.1)(RandomFlip()(x));
        Symbol y = SpatialDropout2D(0.5)(GaussianNoise(0.1)(Conv2D(2, 3)(x)));
        Check(input, y, RandomCrop(4, 4)(x), AlphaDropout(0.5)(GaussianDropout(0.5)(y)));
        using var folder = new TempFolder();
        OnnxFile.Export(new Model(input, y), folder["model.onnx"]);
        Assert.Equal(
            ["Conv"],
            Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["model.onnx"])).Graph.Node.Select(n => n.OpType)
        );
    }

    [Theory]
    [InlineData(FillMode.Constant, 0)]
    [InlineData(FillMode.Constant, 0.5)]
    [InlineData(FillMode.Nearest, 0)]
    [InlineData(FillMode.Reflect, 0)]
    public void Reads_between_pixels(FillMode fill, double value)
    {
        Symbol input = Input(6, 5, 3);
        float[] points = [.. Enumerable.Range(0, 24).Select(i => (i * 0.37f) - 1.6f)];
        Symbol at = Lambda(x =>
        {
            Symbol grid = Ops.Constant(new NDArray(Shape.Of(1, 3, 4, 2), points));
            Symbol perImage = Ops.Mean(x, [1, 2, 3], keepDims: true);
            return Ops.Sample(x, grid + perImage, fill, value);
        })(input);
        Check(input, at);
    }

    private static void Check(Symbol input, params Symbol[] outputs)
    {
        var model = new Model([input], outputs);
        RoundTrip.Disturb(model);
        NDArray[] inputs = RoundTrip.Inputs(model, batch: 2);
        IReadOnlyList<NDArray> expected = model.PredictAll(inputs);
        foreach (OnnxLayout layout in Enum.GetValues<OnnxLayout>())
        {
            using var folder = new TempFolder();
            string path = folder["model.onnx"];
            OnnxFile.Export(model, path, new OnnxExportOptions { Layout = layout });
            RoundTrip.Agree(expected, Runtime.Run(path, inputs, layout), $"{layout}");
        }
    }
}
