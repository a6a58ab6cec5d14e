using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that applies a transposed 2-D convolution, the gradient of a convolution by its input, which enlarges images. Input: (N, H, W, C). Output: (N, H', W', filters), where <c>"same"</c> yields H' = H · stride and <c>"valid"</c> yields H' = (H − 1) · stride + max(kernel, stride). Weights: kernel (kh, kw, filters, C), bias (filters). Like Keras's Conv2DTranspose.</summary>
/// <param name="filters">The number of output channels, at least 1.</param>
/// <param name="kernelSize">The height and width of the window in pixels, at least 1.</param>
/// <param name="strides">The distance between the windows of neighboring input pixels; <see langword="null"/> for 1.</param>
/// <param name="padding">The padding of the convolution whose gradient this is: <c>"valid"</c> or <c>"same"</c>; <see langword="null"/> for <c>"valid"</c>.</param>
/// <param name="outputPadding">The rows and columns added to the output, below the strides; <see langword="null"/> for the size that the padding implies.</param>
/// <param name="dilationRate">The distance between the taps of a window in pixels; <see langword="null"/> for 1.</param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="kernelInitializer">The initializer of the kernel; <see langword="null"/> for <c>"glorot_uniform"</c>.</param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>conv2_dtranspose</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">Strides and dilation both exceed 1, or the padding is in pixels.</exception>
public sealed class Conv2DTranspose(
    int filters,
    Size2 kernelSize,
    Size2? strides = null,
    Padding? padding = null,
    Size2? outputPadding = null,
    Size2? dilationRate = null,
    Activation? activation = null,
    bool useBias = true,
    Initializer? kernelInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<Conv2DTranspose>
{
    private Weight? _kernel;
    private Weight? _bias;

    /// <summary>The number of output channels.</summary>
    public int Filters { get; } = Argument.AtLeast(filters, 1, nameof(Conv2DTranspose), nameof(filters));

    /// <summary>The height and width of the window in pixels.</summary>
    public Size2 KernelSize { get; } = Argument.AtLeast(kernelSize, 1, nameof(Conv2DTranspose), nameof(kernelSize));

    /// <summary>The distance between the windows of neighboring input pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? Size2.One, 1, nameof(Conv2DTranspose), nameof(strides));

    /// <summary>The padding of the convolution whose gradient this is.</summary>
    public Padding Padding { get; } = RequireNamed(padding ?? Padding.Valid);

    /// <summary>The rows and columns added to the output; <see langword="null"/> for the size that the padding implies.</summary>
    public Size2? OutputPadding { get; } = RequireOutputPadding(outputPadding, strides ?? Size2.One);

    /// <summary>The distance between the taps of a window in pixels.</summary>
    public Size2 DilationRate { get; } =
        Argument.AtLeast(dilationRate ?? Size2.One, 1, nameof(Conv2DTranspose), nameof(dilationRate));

    /// <inheritdoc/>
    public override Activation Activation { get; } = activation ?? Activation.Linear;

    /// <summary><see langword="true"/> to add a bias.</summary>
    public bool UseBias { get; } = useBias;

    /// <summary>The initializer of the kernel.</summary>
    public Initializer KernelInitializer { get; } = kernelInitializer ?? "glorot_uniform";

    /// <summary>The initializer of the bias.</summary>
    public Initializer BiasInitializer { get; } = biasInitializer ?? "zeros";

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        int channels = inputs[0].RequireImages("a transposed convolution")[3]!.Value;
        _kernel = AddWeight(
            "kernel",
            Shape.Of(KernelSize.Height, KernelSize.Width, Filters, channels),
            KernelInitializer
        );
        _bias = UseBias ? AddWeight("bias", Shape.Of(Filters), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Activation.Apply(Ops.ConvolutionTranspose(inputs[0], _kernel!.Symbol, _bias, Strides, Crops, DilationRate));

    /// <inheritdoc/>
    public static Conv2DTranspose FromConfig(LayerConfigReader config) =>
        new(
            config.Int("filters"),
            config.Size2("kernel_size"),
            config.Size2("strides", 1),
            config.Padding("padding"),
            config.Has("output_padding") ? config.Size2("output_padding") : null,
            config.Size2("dilation_rate", 1),
            config.Activation("activation"),
            config.Bool("use_bias", true),
            config.Initializer("kernel_initializer", "glorot_uniform"),
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
        config["output_padding"] = OutputPadding is { } added ? added.ToJson() : null;
        config["dilation_rate"] = DilationRate.ToJson();
        config["activation"] = Activation.Name;
        config["use_bias"] = UseBias;
        config["kernel_initializer"] = KernelInitializer.ToJson();
        config["bias_initializer"] = BiasInitializer.ToJson();
        config["data_format"] = "channels_last";
        return config.WithNulls(
            "kernel_regularizer",
            "bias_regularizer",
            "activity_regularizer",
            "kernel_constraint",
            "bias_constraint"
        );
    }

    // What is cut from the full output, (H − 1) · stride + span; negative numbers add zeros.
    private Pads2 Crops
    {
        get
        {
            if (Strides != Size2.One && DilationRate != Size2.One)
            {
                throw new ShapeException($"strides {Strides} and dilationRate {DilationRate} cannot both exceed 1.");
            }
            (int top, int bottom) = Crop(KernelSize.Height, Strides.Height, DilationRate.Height, OutputPadding?.Height);
            (int left, int right) = Crop(KernelSize.Width, Strides.Width, DilationRate.Width, OutputPadding?.Width);
            return new Pads2(top, bottom, left, right);
        }
    }

    // Keras's arithmetic: an odd pixel is cut at the end, as "same" adds it there in a convolution.
    private (int Before, int After) Crop(int kernel, int stride, int dilation, int? added)
    {
        int span = checked(((kernel - 1) * dilation) + 1);
        if (Padding.Name == "valid")
        {
            return (0, -(added ?? Math.Max(span, stride) - span));
        }
        int total = added is { } rows ? span + (span % 2) - 2 + rows : stride + span - 2;
        int before = Math.Min((total / 2) + (total % 2), span - 1);
        return (span - 1 - before, span - 1 - (total - before));
    }

    private static Padding RequireNamed(Padding padding) =>
        padding.Name != "explicit"
            ? padding
            : throw new ArgumentException(
                "Conv2DTranspose: padding in pixels is not supported. Use \"same\" or \"valid\".",
                nameof(padding)
            );

    private static Size2? RequireOutputPadding(Size2? outputPadding, Size2 strides) =>
        outputPadding is not { } size
        || (size.Height >= 0 && size.Width >= 0 && size.Height < strides.Height && size.Width < strides.Width)
            ? outputPadding
            : throw new ArgumentOutOfRangeException(
                nameof(outputPadding),
                $"Conv2DTranspose: outputPadding is {size}; it must be at least 0 and below the strides {strides}."
            );
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Conv2DTranspose"/>
    public static Call<Conv2DTranspose> Conv2DTranspose(
        int filters,
        Size2 kernelSize,
        Size2? strides = null,
        Padding? padding = null,
        Size2? outputPadding = null,
        Size2? dilationRate = null,
        Activation? activation = null,
        bool useBias = true,
        Initializer? kernelInitializer = null,
        Initializer? biasInitializer = null,
        string? name = null,
        Regularizer? kernelRegularizer = null,
        Regularizer? biasRegularizer = null,
        Regularizer? activityRegularizer = null,
        Constraint? kernelConstraint = null,
        Constraint? biasConstraint = null
    ) =>
        new Conv2DTranspose(
            filters,
            kernelSize,
            strides,
            padding,
            outputPadding,
            dilationRate,
            activation,
            useBias,
            kernelInitializer,
            biasInitializer,
            name
        )
            .With(kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint)
            .Apply;
}
