using static Lamina.Layers;

namespace Lamina.Torch.Tests.LayerTests;

/// <summary>Layers that are compositions of ops, as wholes.</summary>
public class LayerGradientTests
{
    private static readonly int[][] s_images =
    [
        [6, 5, 4],
    ];

    public static TheoryData<string> Names => [.. Cases.Keys];

    public static TheoryData<string> Functions =>
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

    private static Dictionary<string, Func<Symbol, Symbol>> Cases { get; } =
        new()
        {
            ["depthwise"] = x => DepthwiseConv2D(3, strides: 2, padding: "same", depthMultiplier: 2)(x),
            ["depthwise dilated"] = x =>
                DepthwiseConv2D((2, 3), dilationRate: 2, activation: "tanh", useBias: false)(x),
            ["separable"] = x => SeparableConv2D(3, 3, padding: "same", depthMultiplier: 2, activation: "sigmoid")(x),
            ["transpose same"] = x => Conv2DTranspose(3, 3, strides: 2, padding: "same")(x),
            ["transpose valid"] = x => Conv2DTranspose(2, (2, 3), strides: (3, 1), activation: "tanh")(x),
            ["transpose even"] = x => Conv2DTranspose(2, 4, strides: 2, padding: "same", useBias: false)(x),
            ["transpose added"] = x => Conv2DTranspose(2, 3, strides: 2, outputPadding: (1, 0))(x),
            ["transpose dilated"] = x => Conv2DTranspose(2, 3, padding: "same", dilationRate: 2)(x),
            ["conv1d"] = x => Conv1D(4, 3, padding: "causal", groups: 2)(Reshape(30, 4)(x)),
            ["conv1d strided"] = x => Conv1D(3, 4, strides: 2, padding: "same", activation: "tanh")(Reshape(30, 4)(x)),
            ["global max"] = x => GlobalMaxPooling2D(keepDims: true)(x),
            ["cropping"] = x => Cropping2D(((1, 2), (0, 1)))(x),
            ["up sampling"] = x => UpSampling2D((2, 3))(x),
            ["up sampling bilinear"] = x => UpSampling2D(2, "bilinear")(x),
            ["resizing"] = x => Resizing(4, 7, "bicubic")(x),
            ["center crop"] = x => CenterCrop(3, 4)(x),
            ["layer normalization"] = x => LayerNormalization()(x),
            ["layer normalization of two axes"] = x => LayerNormalization([1, 3])(x),
            ["rms normalization"] = x => RMSNormalization()(x),
            ["group normalization"] = x => GroupNormalization(2)(x),
            ["instance normalization of rows"] = x => GroupNormalization(-1, axis: 1)(x),
            ["unit normalization"] = x => UnitNormalization([2, 3])(x),
            ["normalization"] = x => Normalization()(x),
            ["prelu"] = x => PReLU(sharedAxes: [1, 2])(x),
            ["elu"] = x => ELU(0.7)(x),
            ["relu"] = x => ReLU(0.6, 0.2, 0.1)(x),
            ["repeat vector"] = x => RepeatVector(3)(Flatten()(x)),
            ["lambda"] = x => Lambda(s => s * Ops.Sin(s))(x),
            ["gaussian noise"] = x => GaussianNoise(0.3)(x),
            ["gaussian dropout"] = x => GaussianDropout(0.3)(x),
            ["alpha dropout"] = x => AlphaDropout(0.3)(x),
            ["spatial dropout"] = x => SpatialDropout2D(0.4)(x),
            ["random flip"] = x => RandomFlip()(x),
            ["random crop"] = x => RandomCrop(3, 2)(x),
            ["random translation"] = x => RandomTranslation(0.3, (-0.5, 0.1), "wrap")(x),
            ["random rotation"] = x => RandomRotation(0.2, "constant", fillValue: 0.5)(x),
            ["random zoom"] = x => RandomZoom((-0.4, 0.3), fillMode: "nearest")(x),
            ["random contrast"] = x => RandomContrast(0.5, (-9, 9))(x),
            ["random brightness"] = x => RandomBrightness(0.5, (-9, 9))(x),
        };

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_layers_follow_central_differences(string name) =>
        LayerCheck.Run(x => Cases[name](x[0]), s_images);

    [Theory]
    [MemberData(nameof(Functions))]
    public void Gradients_of_activations_follow_central_differences(string name) =>
        LayerCheck.Run(x => Lamina.Layers.Activation(name)(x[0] * 2), s_images);

    [Fact]
    public void Gradients_of_merging_layers_follow_central_differences()
    {
        int[][] two =
        [
            [4, 3],
            [4, 3],
        ];
        LayerCheck.Run(x => Average()(x), two);
        LayerCheck.Run(x => Maximum()(x), two);
        LayerCheck.Run(x => Minimum()(x), two);
        LayerCheck.Run(x => Subtract()(x), two);
        LayerCheck.Run(x => Dot(2)(x), two);
        LayerCheck.Run(x => Dot(1, normalize: true)(x), two);
        LayerCheck.Run(
            x => Dot([1, 2], normalize: true)(x),
            [
                [3],
                [4, 3],
            ]
        );
        LayerCheck.Run(
            x => Average()(x),
            [
                [2, 4, 3],
                [3],
                [4, 1],
            ]
        );
    }
}
