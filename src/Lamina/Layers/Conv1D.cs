using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that applies a 1-D convolution along sequences, a bias and an activation. Input: (N, L, C). Output: (N, L', filters). Weights: kernel (k, C / groups, filters), bias (filters). Like Keras's Conv1D.</summary>
/// <param name="filters">The number of filters, at least 1.</param>
/// <param name="kernelSize">The length of the window, at least 1.</param>
/// <param name="strides">The distance between windows.</param>
/// <param name="padding">The padding: <c>"valid"</c>, <c>"same"</c>, or <c>"causal"</c>, where an output depends on no later input.</param>
/// <param name="dilationRate">The distance between the taps of a window.</param>
/// <param name="groups">The number of channel groups that are convolved separately; must divide channels and filters.</param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="kernelInitializer">The initializer of the kernel; <see langword="null"/> for <c>"glorot_uniform"</c>.</param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>conv1_d</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
/// <exception cref="ArgumentException">The padding is unknown.</exception>
public sealed class Conv1D(
    int filters,
    int kernelSize,
    int strides = 1,
    string padding = "valid",
    int dilationRate = 1,
    int groups = 1,
    Activation? activation = null,
    bool useBias = true,
    Initializer? kernelInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<Conv1D>
{
    private Weight? _kernel;
    private Weight? _bias;

    /// <summary>The number of filters, which is the number of output channels.</summary>
    public int Filters { get; } = Argument.AtLeast(filters, 1, nameof(Conv1D), nameof(filters));

    /// <summary>The length of the window, at least 1.</summary>
    public int KernelSize { get; } = Argument.AtLeast(kernelSize, 1, nameof(Conv1D), nameof(kernelSize));

    /// <summary>The distance between windows.</summary>
    public int Strides { get; } = Argument.AtLeast(strides, 1, nameof(Conv1D), nameof(strides));

    /// <summary>The padding: <c>"valid"</c>, <c>"same"</c>, or <c>"causal"</c>, where an output depends on no later input.</summary>
    public string Padding { get; } = RequirePadding(padding);

    /// <summary>The distance between the taps of a window.</summary>
    public int DilationRate { get; } = Argument.AtLeast(dilationRate, 1, nameof(Conv1D), nameof(dilationRate));

    /// <summary>The number of channel groups that are convolved separately.</summary>
    public int Groups { get; } = Argument.AtLeast(groups, 1, nameof(Conv1D), nameof(groups));

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
        if (inputs[0].Rank != 3)
        {
            throw new ShapeException(
                $"needs sequences (batch, length, channels), got {inputs[0]}. Use Reshape before it."
            );
        }
        int channels = inputs[0][2]!.Value;
        if (channels % Groups != 0 || Filters % Groups != 0)
        {
            throw new ShapeException($"{Groups} groups do not divide {channels} channels and {Filters} filters.");
        }
        int length = inputs[0][1]!.Value;
        _ = Windows.OutputShape(
            Shape.Of(1, length, 1, channels),
            (KernelSize, 1),
            (Strides, 1),
            Pads(length),
            (DilationRate, 1)
        );
        _kernel = AddWeight("kernel", Shape.Of(KernelSize, channels / Groups, Filters), KernelInitializer);
        _bias = UseBias ? AddWeight("bias", Shape.Of(Filters), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        // Sequences are images of one column.
        Symbol x = inputs[0];
        (int length, int channels) = (x.Shape[1]!.Value, x.Shape[2]!.Value);
        Symbol image = Ops.Reshape(x, Shape.Of(length, 1, channels));
        Symbol kernel = Ops.Reshape(_kernel!.Symbol, Shape.Of(1, channels / Groups, Filters));
        Symbol y = Ops.Convolution(image, kernel, _bias, (Strides, 1), Pads(length), (DilationRate, 1), Groups);
        return Activation.Apply(Ops.Reshape(y, Shape.Of(y.Shape[1]!.Value, Filters)));
    }

    /// <inheritdoc/>
    public static Conv1D FromConfig(LayerConfigReader config) =>
        new(
            config.Int("filters"),
            config.Length("kernel_size"),
            config.Length("strides", 1),
            config.String("padding", "valid"),
            config.Length("dilation_rate", 1),
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
        config["kernel_size"] = new JsonArray(KernelSize);
        config["strides"] = new JsonArray(Strides);
        config["padding"] = Padding;
        config["dilation_rate"] = new JsonArray(DilationRate);
        config["groups"] = Groups;
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

    private Pads2 Pads(int length)
    {
        if (Padding == "causal")
        {
            return new Pads2(checked((KernelSize - 1) * DilationRate), 0, 0, 0);
        }
        return Padding == "same" ? Pads2.Same(length, 1, (KernelSize, 1), (Strides, 1), (DilationRate, 1)) : Pads2.None;
    }

    private static string RequirePadding(string padding) =>
        padding is "valid" or "same" or "causal"
            ? padding
            : throw new ArgumentException(
                $"Conv1D: '{padding}' is not a padding. Use \"valid\", \"same\" or \"causal\".",
                nameof(padding)
            );
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Conv1D"/>
    public static Call<Conv1D> Conv1D(
        int filters,
        int kernelSize,
        int strides = 1,
        string padding = "valid",
        int dilationRate = 1,
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
        new Conv1D(
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
