using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that convolves each channel by itself, then mixes the channels of each pixel. Input: (N, H, W, C). Output: (N, H', W', filters). Weights: depthwise_kernel (kh, kw, C, multiplier), pointwise_kernel (1, 1, C · multiplier, filters), bias (filters). Like Keras's SeparableConv2D.</summary>
/// <param name="filters">The number of output channels, at least 1.</param>
/// <param name="kernelSize">The height and width of the window in pixels, at least 1.</param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for 1.</param>
/// <param name="padding">The padding at the borders; <see langword="null"/> for <c>"valid"</c>.</param>
/// <param name="dilationRate">The distance between the taps of a window in pixels; <see langword="null"/> for 1.</param>
/// <param name="depthMultiplier">The number of kernels per channel, at least 1.</param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="depthwiseInitializer">The initializer of the kernels per channel; <see langword="null"/> for <c>"glorot_uniform"</c>.</param>
/// <param name="pointwiseInitializer">The initializer of the kernel that mixes channels; <see langword="null"/> for <c>"glorot_uniform"</c>.</param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>separable_conv2_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class SeparableConv2D(
    int filters,
    Size2 kernelSize,
    Size2? strides = null,
    Padding? padding = null,
    Size2? dilationRate = null,
    int depthMultiplier = 1,
    Activation? activation = null,
    bool useBias = true,
    Initializer? depthwiseInitializer = null,
    Initializer? pointwiseInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<SeparableConv2D>
{
    private Weight? _depthwise;
    private Weight? _pointwise;
    private Weight? _bias;

    /// <summary>The number of output channels.</summary>
    public int Filters { get; } = Argument.AtLeast(filters, 1, nameof(SeparableConv2D), nameof(filters));

    /// <summary>The height and width of the window in pixels.</summary>
    public Size2 KernelSize { get; } = Argument.AtLeast(kernelSize, 1, nameof(SeparableConv2D), nameof(kernelSize));

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? Size2.One, 1, nameof(SeparableConv2D), nameof(strides));

    /// <summary>The padding at the borders.</summary>
    public Padding Padding { get; } = padding ?? Padding.Valid;

    /// <summary>The distance between the taps of a window in pixels.</summary>
    public Size2 DilationRate { get; } =
        Argument.AtLeast(dilationRate ?? Size2.One, 1, nameof(SeparableConv2D), nameof(dilationRate));

    /// <summary>The number of kernels per channel.</summary>
    public int DepthMultiplier { get; } =
        Argument.AtLeast(depthMultiplier, 1, nameof(SeparableConv2D), nameof(depthMultiplier));

    /// <inheritdoc/>
    public override Activation Activation { get; } = activation ?? Activation.Linear;

    /// <summary><see langword="true"/> to add a bias.</summary>
    public bool UseBias { get; } = useBias;

    /// <summary>The initializer of the kernels per channel.</summary>
    public Initializer DepthwiseInitializer { get; } = depthwiseInitializer ?? "glorot_uniform";

    /// <summary>The initializer of the kernel that mixes channels.</summary>
    public Initializer PointwiseInitializer { get; } = pointwiseInitializer ?? "glorot_uniform";

    /// <summary>The initializer of the bias.</summary>
    public Initializer BiasInitializer { get; } = biasInitializer ?? "zeros";

    internal override string ArgumentNameOf(string weight) =>
        weight is "depthwise_kernel" or "pointwise_kernel" ? weight[..^"_kernel".Length] : weight;

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        int channels = inputs[0].RequireImages("a convolution")[3]!.Value;
        Depthwise.RequireFit(inputs[0], KernelSize, Strides, Padding, DilationRate);
        _depthwise = AddWeight(
            "depthwise_kernel",
            Shape.Of(KernelSize.Height, KernelSize.Width, channels, DepthMultiplier),
            DepthwiseInitializer
        );
        _pointwise = AddWeight(
            "pointwise_kernel",
            Shape.Of(1, 1, checked(channels * DepthMultiplier), Filters),
            PointwiseInitializer
        );
        _bias = UseBias ? AddWeight("bias", Shape.Of(Filters), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = Depthwise.Convolve(inputs[0], _depthwise!, null, Strides, Padding, DilationRate);
        return Activation.Apply(Ops.Convolution(x, _pointwise!.Symbol, _bias, Size2.One, Pads2.None, Size2.One));
    }

    /// <inheritdoc/>
    public static SeparableConv2D FromConfig(LayerConfigReader config) =>
        new(
            config.Int("filters"),
            config.Size2("kernel_size"),
            config.Size2("strides", 1),
            config.Padding("padding"),
            config.Size2("dilation_rate", 1),
            config.Int("depth_multiplier", 1),
            config.Activation("activation"),
            config.Bool("use_bias", true),
            config.Initializer("depthwise_initializer", "glorot_uniform"),
            config.Initializer("pointwise_initializer", "glorot_uniform"),
            config.Initializer("bias_initializer", "zeros"),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = Filters;
        config["kernel_size"] = KernelSize.ToJson();
        config["strides"] = Strides.ToJson();
        config["padding"] = Padding.ToJson();
        config["dilation_rate"] = DilationRate.ToJson();
        config["depth_multiplier"] = DepthMultiplier;
        config["activation"] = Activation.Name;
        config["use_bias"] = UseBias;
        config["depthwise_initializer"] = DepthwiseInitializer.ToJson();
        config["pointwise_initializer"] = PointwiseInitializer.ToJson();
        config["bias_initializer"] = BiasInitializer.ToJson();
        config["data_format"] = "channels_last";
        return config.WithNulls(
            "depthwise_regularizer",
            "pointwise_regularizer",
            "bias_regularizer",
            "activity_regularizer",
            "depthwise_constraint",
            "pointwise_constraint",
            "bias_constraint"
        );
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.SeparableConv2D"/>
    public static Call<SeparableConv2D> SeparableConv2D(
        int filters,
        Size2 kernelSize,
        Size2? strides = null,
        Padding? padding = null,
        Size2? dilationRate = null,
        int depthMultiplier = 1,
        Activation? activation = null,
        bool useBias = true,
        Initializer? depthwiseInitializer = null,
        Initializer? pointwiseInitializer = null,
        Initializer? biasInitializer = null,
        string? name = null,
        Regularizer? depthwiseRegularizer = null,
        Regularizer? pointwiseRegularizer = null,
        Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null,
        Constraint? depthwiseConstraint = null,
        Constraint? pointwiseConstraint = null,
        Constraint? biasConstraint = null
    ) =>
        new SeparableConv2D(
            filters,
            kernelSize,
            strides,
            padding,
            dilationRate,
            depthMultiplier,
            activation,
            useBias,
            depthwiseInitializer,
            pointwiseInitializer,
            biasInitializer,
            name
        )
            .WithDepthwise(depthwiseRegularizer, depthwiseConstraint, pointwiseRegularizer, pointwiseConstraint)
            .With(null, biasRegularizer, activityRegularizer, null, biasConstraint)
            .Apply;
}
