namespace Lamina;

/// <summary>Lamina's own layer classes, made from configs with Keras's keys.</summary>
internal static class LayerFactories
{
    public static IReadOnlyDictionary<string, Func<LayerConfigReader, Layer>> All { get; } =
        new Dictionary<string, Func<LayerConfigReader, Layer>>(StringComparer.Ordinal)
        {
            ["InputLayer"] = Input,
            ["Conv2D"] = Conv2D,
            ["Convolution2D"] = Conv2D,
            ["BatchNormalization"] = BatchNormalization,
            ["BatchNormalizationV1"] = BatchNormalization,
            ["MaxPooling2D"] = MaxPool2D,
            ["MaxPool2D"] = MaxPool2D,
            ["AveragePooling2D"] = AveragePooling2D,
            ["AvgPool2D"] = AveragePooling2D,
            ["GlobalAveragePooling2D"] = GlobalAveragePooling2D,
            ["GlobalAvgPool2D"] = GlobalAveragePooling2D,
            ["AdaptiveAveragePooling2D"] = r => new AdaptiveAveragePooling2D(r.Size2("output_size"), r.Name),
            ["Flatten"] = r => new Flatten(r.Name),
            ["Dense"] = Dense,
            ["Dropout"] = r => new Dropout(r.Double("rate"), r.OptionalInt("seed"), r.Name),
            ["Activation"] = r => new ActivationLayer(r.Activation("activation"), r.Name),
            ["ReLU"] = r => new ReLU(r.OptionalDouble("max_value"), r.Double("negative_slope", 0), r.Name),
            ["LeakyReLU"] = r => new LeakyReLU(r.Double("negative_slope", 0.3), r.Name),
            ["Softmax"] = r => new Softmax(r.Axis("axis", -1), r.Name),
            ["ZeroPadding2D"] = r => new ZeroPadding2D(r.Pads2("padding"), r.Name),
            ["Concatenate"] = r => new Concatenate(r.Axis("axis", -1), r.Name),
            ["Slice"] = r => new Slice(r.Int("start"), r.Int("size"), r.Axis("axis", -1), r.Name),
            ["Add"] = r => new Add(r.Name),
            ["Multiply"] = r => new Multiply(r.Name),
            ["Permute"] = r => new Permute(r.Ints("dims"), r.Name),
            ["Reshape"] = r => new Reshape(r.Ints("target_shape"), r.Name),
            ["Rescaling"] = r => new Rescaling(r.Floats("scale"), r.Floats("offset", 0), r.Name),
            ["LocalResponseNormalization"] = r => new LocalResponseNormalization(
                r.Int("size", 5),
                r.Double("alpha", 1e-4),
                r.Double("beta", 0.75),
                r.Double("k", 2),
                r.Name
            ),
        };

    private static InputLayer Input(LayerConfigReader r)
    {
        // Keras 3 renamed the key.
        Shape shape = r.Shape(r.Has("batch_shape") ? "batch_shape" : "batch_input_shape");
        return new InputLayer(shape.Sample, shape[0], r.Name);
    }

    private static Conv2D Conv2D(LayerConfigReader r) =>
        new(
            r.Int("filters"),
            r.Size2("kernel_size"),
            r.Size2("strides", 1),
            r.Padding("padding"),
            r.Size2("dilation_rate", 1),
            r.Int("groups", 1),
            r.Activation("activation"),
            r.Bool("use_bias", true),
            r.Initializer("kernel_initializer", "glorot_uniform"),
            r.Initializer("bias_initializer", "zeros"),
            r.Name
        );

    private static BatchNormalization BatchNormalization(LayerConfigReader r) =>
        new(
            r.Axis("axis", -1),
            r.Double("momentum", 0.99),
            r.Double("epsilon", 1e-3),
            r.Bool("center", true),
            r.Bool("scale", true),
            r.Initializer("beta_initializer", "zeros"),
            r.Initializer("gamma_initializer", "ones"),
            r.Initializer("moving_mean_initializer", "zeros"),
            r.Initializer("moving_variance_initializer", "ones"),
            r.Bool("unbiased_moving_variance", true),
            r.Name
        );

    private static MaxPool2D MaxPool2D(LayerConfigReader r) =>
        new(r.Size2("pool_size", 2), Strides(r), r.Padding("padding"), r.Name);

    private static AveragePooling2D AveragePooling2D(LayerConfigReader r) =>
        new(r.Size2("pool_size", 2), Strides(r), r.Padding("padding"), r.Name);

    private static Size2? Strides(LayerConfigReader r) => r.Has("strides") ? r.Size2("strides") : null;

    private static GlobalAveragePooling2D GlobalAveragePooling2D(LayerConfigReader r) =>
        new(r.Bool("keepdims", false), r.Name);

    private static Dense Dense(LayerConfigReader r) =>
        new(
            r.Int("units"),
            r.Activation("activation"),
            r.Bool("use_bias", true),
            r.Initializer("kernel_initializer", "glorot_uniform"),
            r.Initializer("bias_initializer", "zeros"),
            r.Name
        );
}
