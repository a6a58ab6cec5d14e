using static Lamina.Layers;

namespace Lamina.Torch.Tests.Interop;

/// <summary>
/// Models of one layer each, with arguments that are not its defaults: every class that Lamina has, and every regularizer,
/// constraint and initializer.
/// </summary>
internal static class OneLayerModels
{
    private static readonly Dictionary<string, Func<Model>> s_models = new()
    {
        ["Activation"] = Image(x => Activation("gelu")(x)),
        ["ActivityRegularization"] = Image(x => ActivityRegularization(0.01, 0.02)(x)),
        ["AdaptiveAveragePooling2D"] = Image(x => AdaptiveAveragePooling2D(3)(x)),
        ["Add"] = Pair((a, b) => Add()(a, b)),
        ["AlphaDropout"] = Image(x => AlphaDropout(0.1, seed: 3)(x)),
        ["Average"] = Pair((a, b) => Average()(a, b)),
        ["AveragePooling2D"] = Image(x => AveragePooling2D((3, 2), (2, 1), "same")(x)),
        ["BatchNormalization"] = Image(x => BatchNormalization(momentum: 0.9, epsilon: 0.01, scale: false)(x)),
        ["CenterCrop"] = Image(x => CenterCrop(4, 9)(x)),
        ["Concatenate"] = Pair((a, b) => Concatenate(1)(a, b)),
        ["Conv1D"] = Image(x => Conv1D(3, 2, strides: 2, padding: "causal", activation: "relu")(Reshape(42, 4)(x))),
        ["Conv2D"] = Image(x => Conv2D(4, (3, 2), dilationRate: 2, groups: 2, padding: "same", useBias: false)(x)),
        ["Conv2DTranspose"] = Image(x => Conv2DTranspose(3, (3, 2), 2, "same", activation: "elu")(x)),
        ["Cropping2D"] = Image(x => Cropping2D(((1, 2), (0, 1)))(x)),
        ["Dense"] = Image(x => Dense(3, "softplus", useBias: false)(x)),
        ["DepthwiseConv2D"] = Image(x => DepthwiseConv2D((3, 2), 2, "same", depthMultiplier: 2)(x)),
        ["Dot"] = Pair((a, b) => Dot([2, 1], normalize: true)(Reshape(4, 12)(a), Reshape(12, 4)(b))),
        ["Dropout"] = Image(x => Dropout(0.3, seed: 5)(x)),
        ["ELU"] = Image(x => ELU(0.5)(x)),
        ["Flatten"] = Image(x => Flatten()(x)),
        ["GaussianDropout"] = Image(x => GaussianDropout(0.2)(x)),
        ["GaussianNoise"] = Image(x => GaussianNoise(0.2)(x)),
        ["GlobalAveragePooling2D"] = Image(x => GlobalAveragePooling2D()(x)),
        ["GlobalMaxPooling2D"] = Image(x => GlobalMaxPooling2D(keepDims: true)(x)),
        ["GroupNormalization"] = Image(x => GroupNormalization(2, epsilon: 0.01, center: false)(x)),
        ["Identity"] = Image(x => Identity()(x)),
        ["LayerNormalization"] = Image(x => LayerNormalization([1, 3], 0.01, scale: false)(x)),
        ["LeakyReLU"] = Image(x => LeakyReLU(0.1)(x)),
        ["LocalResponseNormalization"] = Image(x => LocalResponseNormalization(3, 0.01)(x)),
        ["Maximum"] = Pair((a, b) => Maximum()(a, b)),
        ["MaxPooling2D"] = Image(x => MaxPooling2D((3, 2), (2, 1), "same")(x)),
        ["Minimum"] = Pair((a, b) => Minimum()(a, b)),
        ["Multiply"] = Pair((a, b) => Multiply()(a, b)),
        ["Normalization"] = Image(x => Normalization(mean: [1, 2, 3, 4], variance: [1, 2, 3, 4])(x)),
        ["PReLU"] = Image(x => PReLU(sharedAxes: [1, 2])(x)),
        ["Permute"] = Image(x => Permute([3, 1, 2])(x)),
        ["RandomBrightness"] = Image(x => RandomBrightness(0.2, (0, 9))(x)),
        ["RandomContrast"] = Image(x => RandomContrast(0.2)(x)),
        ["RandomCrop"] = Image(x => RandomCrop(4, 5, seed: 1)(x)),
        ["RandomFlip"] = Image(x => RandomFlip("vertical")(x)),
        ["RandomRotation"] = Image(x => RandomRotation(0.1, "wrap", "nearest", fillValue: 1)(x)),
        ["RandomTranslation"] = Image(x => RandomTranslation(0.1, (-0.2, 0.1), "constant")(x)),
        ["RandomZoom"] = Image(x => RandomZoom((-0.2, 0.3), 0.1)(x)),
        ["ReLU"] = Image(x => ReLU(2, 0.1, 0.5)(x)),
        ["RepeatVector"] = Image(x => RepeatVector(3)(Flatten()(x))),
        ["Rescaling"] = Image(x => Rescaling(0.5, 0.25)(x)),
        ["Rescaling by channel"] = Image(x => Rescaling([1, 2, 3, 4], [0, 1, 0, -1])(x)),
        ["Reshape"] = Image(x => Reshape(4, -1)(x)),
        ["Resizing"] = Image(x => Resizing(4, 9, "bicubic")(x)),
        ["RMSNormalization"] = Image(x => RMSNormalization(epsilon: 0.01)(x)),
        ["SeparableConv2D"] = Image(x =>
            SeparableConv2D(5, 3, dilationRate: 2, padding: "same", depthMultiplier: 2)(x)
        ),
        ["Sequential"] = Image(x => Sequential([Input(7, 6, 4), Conv2D(2, 3), Flatten(), Dense(3)]).Apply(x)),
        ["Functional"] = Image(x => Inner().Apply(x)),
        ["Slice"] = Image(x => Slice(1, 2)(x)),
        ["Softmax"] = Image(x => Softmax(2)(x)),
        ["SpatialDropout2D"] = Image(x => SpatialDropout2D(0.2)(x)),
        ["Subtract"] = Pair((a, b) => Subtract()(a, b)),
        ["UnitNormalization"] = Image(x => UnitNormalization([2, 3])(x)),
        ["UpSampling2D"] = Image(x => UpSampling2D((2, 3), "bilinear")(x)),
        ["ZeroPadding2D"] = Image(x => ZeroPadding2D(((1, 0), (0, 2)))(x)),
        ["regularizers"] = Image(x =>
            Dense(
                4,
                kernelRegularizer: new OrthogonalRegularizer(0.1, "columns"),
                biasRegularizer: new L1(0.1),
                activityRegularizer: new L2(0.2)
            )(Conv2D(3, 2, kernelRegularizer: new L1L2(0.1, 0.2))(x))
        ),
        ["constraints"] = Image(x =>
            Dense(4, kernelConstraint: new UnitNorm(), biasConstraint: new NonNeg())(
                Conv2D(
                    3,
                    2,
                    kernelConstraint: new MinMaxNorm(0.1, 3, 0.5, [0, 1, 2]),
                    biasConstraint: new MaxNorm(2, [0])
                )(x)
            )
        ),
        ["initializers"] = Image(x =>
        {
            Initializer[] all =
            [
                new Zeros(),
                new Ones(),
                new Constant(0.25),
                new RandomUniform(-1, 1) { Seed = 3 },
                new RandomNormal(0.5, 2),
                new TruncatedNormal(0.5, 2),
                new GlorotUniform(),
                new GlorotNormal(),
                new HeUniform(),
                new HeNormal(),
                new VarianceScaling(2, FanMode.FanOut, ScalingDistribution.Uniform),
                new Orthogonal(2),
                new IdentityInitializer(3),
            ];
            return all.Aggregate(x, (y, i) => Dense(4, kernelInitializer: i)(y));
        }),
    };

    /// <summary>The names of the models, which are those of their layers' classes.</summary>
    public static IReadOnlyCollection<string> Names => s_models.Keys;

    /// <summary>Returns a model with random weights, and inputs for it.</summary>
    public static (Model Model, IReadOnlyList<NDArray> Inputs) Make(string name)
    {
        Model model = s_models[name]();
        var random = new RandomStream(7, RandomPurpose.Initializer, 0, 0);
        foreach (Weight weight in model.Weights.Where(w => w.Layer is not Lamina.Normalization))
        {
            (float low, float high) = weight.Name == "moving_variance" ? (0.5f, 1.5f) : (-0.6f, 0.6f);
            weight.SetValues(Draw((int)weight.Count, low, high, ref random));
        }
        List<NDArray> inputs = [];
        foreach (Symbol input in model.Inputs)
        {
            Shape shape = input.Shape.WithBatch(2);
            inputs.Add(new NDArray(shape, Draw((int)shape.ElementCount, -1, 3, ref random)));
        }
        return (model, inputs);
    }

    private static Func<Model> Image(Func<Symbol, Symbol> build) =>
        () =>
        {
            Symbol x = Input(Shape.Of(7, 6, 4), name: "x");
            return Model(x, build(x), "model");
        };

    private static Func<Model> Pair(Func<Symbol, Symbol, Symbol> build) =>
        () =>
        {
            Symbol a = Input(Shape.Of(4, 4, 3), name: "a");
            Symbol b = Input(Shape.Of(4, 4, 3), name: "b");
            return Model([a, b], [build(a, b)], "model");
        };

    private static Model Inner()
    {
        Symbol x = Input(Shape.Of(7, 6, 4), name: "inner_x");
        return Model(x, BatchNormalization()(Conv2D(2, 3)(x)), "inner");
    }

    private static float[] Draw(int count, float low, float high, ref RandomStream random)
    {
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = low + ((high - low) * random.NextSingle());
        }
        return values;
    }
}
