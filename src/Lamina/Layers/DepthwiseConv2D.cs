using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that convolves each channel by itself, with one or more kernels per channel. Input: (N, H, W, C). Output: (N, H', W', C · multiplier). Weights: depthwise_kernel (kh, kw, C, multiplier), bias (C · multiplier). Like Keras's DepthwiseConv2D.</summary>
/// <param name="kernelSize">The height and width of the window in pixels, at least 1.</param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for 1.</param>
/// <param name="padding">The padding at the borders; <see langword="null"/> for <c>"valid"</c>.</param>
/// <param name="depthMultiplier">The number of kernels per channel, at least 1.</param>
/// <param name="dilationRate">The distance between the taps of a window in pixels; <see langword="null"/> for 1.</param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="depthwiseInitializer">The initializer of the kernel; <see langword="null"/> for <c>"glorot_uniform"</c>.</param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>depthwise_conv2_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class DepthwiseConv2D(
    Size2 kernelSize,
    Size2? strides = null,
    Padding? padding = null,
    int depthMultiplier = 1,
    Size2? dilationRate = null,
    Activation? activation = null,
    bool useBias = true,
    Initializer? depthwiseInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<DepthwiseConv2D>
{
    private Weight? _kernel;
    private Weight? _bias;

    /// <summary>The height and width of the window in pixels.</summary>
    public Size2 KernelSize { get; } = Argument.AtLeast(kernelSize, 1, nameof(DepthwiseConv2D), nameof(kernelSize));

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? Size2.One, 1, nameof(DepthwiseConv2D), nameof(strides));

    /// <summary>The padding at the borders.</summary>
    public Padding Padding { get; } = padding ?? Padding.Valid;

    /// <summary>The number of kernels per channel.</summary>
    public int DepthMultiplier { get; } =
        Argument.AtLeast(depthMultiplier, 1, nameof(DepthwiseConv2D), nameof(depthMultiplier));

    /// <summary>The distance between the taps of a window in pixels.</summary>
    public Size2 DilationRate { get; } =
        Argument.AtLeast(dilationRate ?? Size2.One, 1, nameof(DepthwiseConv2D), nameof(dilationRate));

    /// <inheritdoc/>
    public override Activation Activation { get; } = activation ?? Activation.Linear;

    /// <summary><see langword="true"/> to add a bias.</summary>
    public bool UseBias { get; } = useBias;

    /// <summary>The initializer of the kernel.</summary>
    public Initializer DepthwiseInitializer { get; } = depthwiseInitializer ?? "glorot_uniform";

    /// <summary>The initializer of the bias.</summary>
    public Initializer BiasInitializer { get; } = biasInitializer ?? "zeros";

    internal override string ArgumentNameOf(string weight) =>
        weight is "depthwise_kernel" ? weight[..^"_kernel".Length] : weight;

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        int channels = inputs[0].RequireImages("a convolution")[3]!.Value;
        Depthwise.RequireFit(inputs[0], KernelSize, Strides, Padding, DilationRate);
        _kernel = AddWeight(
            "depthwise_kernel",
            Shape.Of(KernelSize.Height, KernelSize.Width, channels, DepthMultiplier),
            DepthwiseInitializer
        );
        _bias = UseBias ? AddWeight("bias", Shape.Of(checked(channels * DepthMultiplier)), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Activation.Apply(Depthwise.Convolve(inputs[0], _kernel!, _bias, Strides, Padding, DilationRate));

    /// <inheritdoc/>
    public static DepthwiseConv2D FromConfig(LayerConfigReader config) =>
        new(
            config.Size2("kernel_size"),
            config.Size2("strides", 1),
            config.Padding("padding"),
            config.Int("depth_multiplier", 1),
            config.Size2("dilation_rate", 1),
            config.Activation("activation"),
            config.Bool("use_bias", true),
            config.Initializer("depthwise_initializer", "glorot_uniform"),
            config.Initializer("bias_initializer", "zeros"),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["kernel_size"] = KernelSize.ToJson();
        config["strides"] = Strides.ToJson();
        config["padding"] = Padding.ToJson();
        config["depth_multiplier"] = DepthMultiplier;
        config["dilation_rate"] = DilationRate.ToJson();
        config["activation"] = Activation.Name;
        config["use_bias"] = UseBias;
        config["depthwise_initializer"] = DepthwiseInitializer.ToJson();
        config["bias_initializer"] = BiasInitializer.ToJson();
        config["data_format"] = "channels_last";
        return config.WithNulls(
            "depthwise_regularizer",
            "bias_regularizer",
            "activity_regularizer",
            "depthwise_constraint",
            "bias_constraint"
        );
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.DepthwiseConv2D"/>
    public static Call<DepthwiseConv2D> DepthwiseConv2D(
        Size2 kernelSize,
        Size2? strides = null,
        Padding? padding = null,
        int depthMultiplier = 1,
        Size2? dilationRate = null,
        Activation? activation = null,
        bool useBias = true,
        Initializer? depthwiseInitializer = null,
        Initializer? biasInitializer = null,
        string? name = null,
        Regularizer? depthwiseRegularizer = null,
        Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null,
        Constraint? depthwiseConstraint = null,
        Constraint? biasConstraint = null
    ) =>
        new DepthwiseConv2D(
            kernelSize,
            strides,
            padding,
            depthMultiplier,
            dilationRate,
            activation,
            useBias,
            depthwiseInitializer,
            biasInitializer,
            name
        )
            .WithDepthwise(depthwiseRegularizer, depthwiseConstraint)
            .With(null, biasRegularizer, activityRegularizer, null, biasConstraint)
            .Apply;
}

/// <summary>The convolution of each channel by itself, which several layers share.</summary>
internal static class Depthwise
{
    /// <summary>Convolves each channel with its kernels, (kh, kw, C, multiplier).</summary>
    public static Symbol Convolve(Symbol x, Weight kernel, Weight? bias, Size2 strides, Padding padding, Size2 dilation)
    {
        Size2 window = (kernel.Shape[0]!.Value, kernel.Shape[1]!.Value);
        int channels = kernel.Shape[2]!.Value;
        int outputs = checked(channels * kernel.Shape[3]!.Value);
        // In groups of one channel the kernel has one channel, and the multiplier counts within the filters.
        Symbol grouped = Ops.Reshape(kernel.Symbol, Shape.Of(window.Width, 1, outputs));
        Pads2 pads = padding.Resolve(x.Shape, "a convolution", window, strides, dilation);
        return Ops.Convolution(x, grouped, bias, strides, pads, dilation, channels);
    }

    /// <summary>Rejects images that are smaller than the window, before any weight exists.</summary>
    public static void RequireFit(Shape images, Size2 window, Size2 strides, Padding padding, Size2 dilation) =>
        _ = Windows.OutputShape(
            images,
            window,
            strides,
            padding.Resolve(images, "a convolution", window, strides, dilation),
            dilation
        );
}
