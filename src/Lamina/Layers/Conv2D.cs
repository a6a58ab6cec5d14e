using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that applies a 2-D convolution, a bias and an activation. Input: (N, H, W, C). Output: (N, H', W', filters).
/// Weights: kernel (kh, kw, C / groups, filters), bias (filters). Like Keras's Conv2D.
/// </summary>
/// <param name="filters">The number of filters, at least 1.</param>
/// <param name="kernelSize">The height and width of the window in pixels, at least 1.</param>
/// <param name="strides">The distance between windows in pixels; <see langword="null"/> for 1.</param>
/// <param name="padding">The padding at the borders; <see langword="null"/> for <c>"valid"</c>.</param>
/// <param name="dilationRate">
/// The distance between the taps of a window in pixels; <see langword="null"/> for 1.
/// </param>
/// <param name="groups">
/// The number of channel groups that are convolved separately (the paper's two GPUs); must divide channels and filters.
/// </param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="kernelInitializer">
/// The initializer of the kernel; <see langword="null"/> for <c>"glorot_uniform"</c>.
/// </param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>conv2d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">Strides and dilation both exceed 1, or groups do not divide filters.</exception>
public sealed class Conv2D(
    int filters,
    Size2 kernelSize,
    Size2? strides = null,
    Padding? padding = null,
    Size2? dilationRate = null,
    int groups = 1,
    Activation? activation = null,
    bool useBias = true,
    Initializer? kernelInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<Conv2D>
{
    private Weight? _kernel;
    private Weight? _bias;

    /// <summary>The number of filters, which is the number of output channels.</summary>
    public int Filters { get; } = Argument.AtLeast(filters, 1, nameof(Conv2D), nameof(filters));

    /// <summary>The height and width of the window in pixels.</summary>
    public Size2 KernelSize { get; } = Argument.AtLeast(kernelSize, 1, nameof(Conv2D), nameof(kernelSize));

    /// <summary>The distance between windows in pixels.</summary>
    public Size2 Strides { get; } = Argument.AtLeast(strides ?? Size2.One, 1, nameof(Conv2D), nameof(strides));

    /// <summary>The padding at the borders.</summary>
    public Padding Padding { get; } = padding ?? Padding.Valid;

    /// <summary>The distance between the taps of a window in pixels.</summary>
    public Size2 DilationRate { get; } = RequireDilation(dilationRate ?? Size2.One, strides ?? Size2.One);

    /// <summary>The number of channel groups that are convolved separately.</summary>
    public int Groups { get; } = RequireGroups(groups, filters);

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
        int channels = inputs[0].RequireImages("a convolution")[3]!.Value;
        if (channels % Groups != 0)
        {
            throw new ShapeException($"{Groups} groups do not divide the input's {channels} channels.");
        }
        var kernel = Shape.Of(KernelSize.Height, KernelSize.Width, channels / Groups, Filters);
        // Rejected before any weight exists, so that a layer that does not fit stays unbuilt.
        _ = Windows.OutputShape(inputs[0], KernelSize, Strides, Pads(inputs[0]), DilationRate);
        _kernel = AddWeight("kernel", kernel, KernelInitializer);
        _bias = UseBias ? AddWeight("bias", Shape.Of(Filters), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        return Activation.Apply(
            Ops.Convolution(x, _kernel!.Symbol, _bias, Strides, Pads(x.Shape), DilationRate, Groups)
        );
    }

    private Pads2 Pads(Shape x) => Padding.Resolve(x, "a convolution", KernelSize, Strides, DilationRate);

    /// <inheritdoc/>
    public static Conv2D FromConfig(LayerConfigReader config) =>
        new(
            config.Int("filters"),
            config.Size2("kernel_size"),
            config.Size2("strides", 1),
            config.Padding("padding"),
            config.Size2("dilation_rate", 1),
            config.Int("groups", 1),
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
        config["data_format"] = "channels_last";
        config["dilation_rate"] = DilationRate.ToJson();
        config["groups"] = Groups;
        config["activation"] = Activation.Name;
        config["use_bias"] = UseBias;
        config["kernel_initializer"] = KernelInitializer.ToJson();
        config["bias_initializer"] = BiasInitializer.ToJson();
        return WithPenalties(
            config.WithNulls(
                "kernel_regularizer",
                "bias_regularizer",
                "activity_regularizer",
                "kernel_constraint",
                "bias_constraint"
            )
        );
    }

    private static Size2 RequireDilation(Size2 dilation, Size2 strides) =>
        Argument.AtLeast(dilation, 1, nameof(Conv2D), nameof(dilationRate)) == Size2.One || strides == Size2.One
            ? dilation
            : throw new ArgumentException(
                $"Conv2D: strides {strides} and dilationRate {dilation} cannot both exceed 1. Set one of them to 1."
            );

    private static int RequireGroups(int groups, int filters) =>
        filters % Argument.AtLeast(groups, 1, nameof(Conv2D), nameof(groups)) == 0
            ? groups
            : throw new ArgumentException($"Conv2D: {groups} groups do not divide {filters} filters.", nameof(groups));
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Conv2D"/>
    public static Call<Conv2D> Conv2D(
        int filters,
        Size2 kernelSize,
        Size2? strides = null,
        Padding? padding = null,
        Size2? dilationRate = null,
        int groups = 1,
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
        new Conv2D(
            filters,
            kernelSize,
            strides,
            padding,
            dilationRate,
            groups,
            activation,
            useBias,
            kernelInitializer,
            biasInitializer,
            name
        )
            .With(kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint)
            .Apply;
}
