using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Normalises each channel by its batch's mean and variance while training, by moving averages otherwise, then scales and
/// shifts it (Ioffe &amp; Szegedy 2015). The shape stays. Weights, one value a channel: gamma, beta, moving_mean,
/// moving_variance. As Keras's BatchNormalization.
/// </summary>
/// <param name="axis">The channels' axis: −1 is the last.</param>
/// <param name="momentum">How much of a moving average each batch keeps, 0 to 1: moving·m + batch·(1 − m).</param>
/// <param name="epsilon">What is added to the variance, above 0.</param>
/// <param name="center">Whether there is a beta.</param>
/// <param name="scale">Whether there is a gamma.</param>
/// <param name="betaInitializer">Beta's first values; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="gammaInitializer">Gamma's first values; <see langword="null"/> for <c>"ones"</c>.</param>
/// <param name="movingMeanInitializer">The moving mean's first values; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="movingVarianceInitializer">The moving variance's; <see langword="null"/> for <c>"ones"</c>.</param>
/// <param name="unbiasedMovingVariance">
/// Whether the moving variance takes the batch's unbiased variance (divided by n − 1), as Keras 2's fused kernel and PyTorch
/// do; Keras 3 takes the biased one.
/// </param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>batch_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
public sealed class BatchNormalization(
    int axis = -1,
    double momentum = 0.99,
    double epsilon = 1e-3,
    bool center = true,
    bool scale = true,
    Initializer? betaInitializer = null,
    Initializer? gammaInitializer = null,
    Initializer? movingMeanInitializer = null,
    Initializer? movingVarianceInitializer = null,
    bool unbiasedMovingVariance = true,
    string? name = null
) : Layer(name), IFromConfig<BatchNormalization>
{
    private Weight? _gamma;
    private Weight? _beta;
    private Weight? _movingMean;
    private Weight? _movingVariance;
    private int? _builtAxis;

    /// <summary>The channels' axis.</summary>
    public int Axis { get; } =
        axis != 0
            ? axis
            : throw Argument.OutOfRange(nameof(BatchNormalization), nameof(axis), axis, "an axis after the batch's");

    /// <summary>How much of a moving average each batch keeps.</summary>
    public double Momentum { get; } = Argument.Between(momentum, 0, 1, nameof(BatchNormalization), nameof(momentum));

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; } = Argument.Above(epsilon, 0, nameof(BatchNormalization), nameof(epsilon));

    /// <summary>Whether there is a beta.</summary>
    public bool Center { get; } = center;

    /// <summary>Whether there is a gamma.</summary>
    public bool Scale { get; } = scale;

    /// <summary>What makes beta's first values.</summary>
    public Initializer BetaInitializer { get; } = betaInitializer ?? "zeros";

    /// <summary>What makes gamma's first values.</summary>
    public Initializer GammaInitializer { get; } = gammaInitializer ?? "ones";

    /// <summary>What makes the moving mean's first values.</summary>
    public Initializer MovingMeanInitializer { get; } = movingMeanInitializer ?? "zeros";

    /// <summary>What makes the moving variance's first values.</summary>
    public Initializer MovingVarianceInitializer { get; } = movingVarianceInitializer ?? "ones";

    /// <summary>Whether the moving variance takes the batch's unbiased variance.</summary>
    public bool UnbiasedMovingVariance { get; } = unbiasedMovingVariance;

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        _builtAxis = Axes.Resolve(Axis, inputs[0]);
        var shape = Shape.Of(inputs[0][_builtAxis.Value]!.Value);
        _gamma = Scale ? AddWeight("gamma", shape, GammaInitializer) : null;
        _beta = Center ? AddWeight("beta", shape, BetaInitializer) : null;
        _movingMean = AddWeight("moving_mean", shape, MovingMeanInitializer, trainable: false);
        _movingVariance = AddWeight("moving_variance", shape, MovingVarianceInitializer, trainable: false);
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Axes.OnLast(
            inputs[0],
            Axis,
            x =>
                Ops.BatchNormalization(
                    x,
                    _movingMean!,
                    _movingVariance!,
                    _gamma,
                    _beta,
                    Momentum,
                    Epsilon,
                    UnbiasedMovingVariance
                )
        );

    /// <inheritdoc/>
    public static BatchNormalization FromConfig(LayerConfigReader config) =>
        new(
            config.Axis("axis", -1),
            config.Double("momentum", 0.99),
            config.Double("epsilon", 1e-3),
            config.Bool("center", true),
            config.Bool("scale", true),
            config.Initializer("beta_initializer", "zeros"),
            config.Initializer("gamma_initializer", "ones"),
            config.Initializer("moving_mean_initializer", "zeros"),
            config.Initializer("moving_variance_initializer", "ones"),
            config.Bool("unbiased_moving_variance", true),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras 2 writes the axis that it was built for, as a list.
        config["axis"] = _builtAxis is { } built ? new JsonArray(built) : Axis;
        config["momentum"] = Momentum;
        config["epsilon"] = Epsilon;
        config["center"] = Center;
        config["scale"] = Scale;
        config["beta_initializer"] = BetaInitializer.ToJson();
        config["gamma_initializer"] = GammaInitializer.ToJson();
        config["moving_mean_initializer"] = MovingMeanInitializer.ToJson();
        config["moving_variance_initializer"] = MovingVarianceInitializer.ToJson();
        config.WithNulls("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint");
        if (!UnbiasedMovingVariance)
        {
            // Not a key of Keras's: written only where it differs from Keras 2.
            config["unbiased_moving_variance"] = false;
        }
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.BatchNormalization"/>
    public static Call<BatchNormalization> BatchNormalization(
        int axis = -1,
        double momentum = 0.99,
        double epsilon = 1e-3,
        bool center = true,
        bool scale = true,
        Initializer? betaInitializer = null,
        Initializer? gammaInitializer = null,
        Initializer? movingMeanInitializer = null,
        Initializer? movingVarianceInitializer = null,
        bool unbiasedMovingVariance = true,
        string? name = null
    ) =>
        new BatchNormalization(
            axis,
            momentum,
            epsilon,
            center,
            scale,
            betaInitializer,
            gammaInitializer,
            movingMeanInitializer,
            movingVarianceInitializer,
            unbiasedMovingVariance,
            name
        ).Apply;
}
