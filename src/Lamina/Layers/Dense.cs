using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A fully connected layer: <c>activation(x · kernel + bias)</c>. Input: (N, …, in). Output: (N, …, units). Weights:
/// kernel (in, units), bias (units). Like Keras's Dense.
/// </summary>
/// <param name="units">The number of outputs, at least 1.</param>
/// <param name="activation">The activation of the output; <see langword="null"/> for none.</param>
/// <param name="useBias"><see langword="true"/> to add a bias.</param>
/// <param name="kernelInitializer">
/// The initializer of the kernel; <see langword="null"/> for <c>"glorot_uniform"</c>.
/// </param>
/// <param name="biasInitializer">The initializer of the bias; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>dense</c>.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="units"/> is below 1.</exception>
public sealed class Dense(
    int units,
    Activation? activation = null,
    bool useBias = true,
    Initializer? kernelInitializer = null,
    Initializer? biasInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<Dense>
{
    private Weight? _kernel;
    private Weight? _bias;

    /// <summary>The number of outputs.</summary>
    public int Units { get; } = Argument.AtLeast(units, 1, nameof(Dense), nameof(units));

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
        if (inputs[0].Rank < 2)
        {
            throw new ShapeException($"needs (batch, …, features), got {inputs[0]}. Use Reshape before it.");
        }
        _kernel = AddWeight("kernel", Shape.Of(inputs[0][^1]!.Value, Units), KernelInitializer);
        _bias = UseBias ? AddWeight("bias", Shape.Of(Units), BiasInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Activation.Apply(Ops.Linear(inputs[0], _kernel!.Symbol, _bias));

    /// <inheritdoc/>
    public static Dense FromConfig(LayerConfigReader config) =>
        new(
            config.Int("units"),
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
        config["units"] = Units;
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
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Dense"/>
    public static Call<Dense> Dense(
        int units,
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
        new Dense(units, activation, useBias, kernelInitializer, biasInitializer, name)
            .With(kernelRegularizer, biasRegularizer, activityRegularizer, kernelConstraint, biasConstraint)
            .Apply;
}
