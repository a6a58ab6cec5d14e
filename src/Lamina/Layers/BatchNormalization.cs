using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that normalizes each channel, then scales and shifts it (Ioffe &amp; Szegedy 2015). Training uses the
/// batch's mean and variance, inference the moving averages. The shape does not change. Weights, one value per channel:
/// gamma, beta, moving_mean, moving_variance. Like Keras's BatchNormalization.
/// </summary>
/// <param name="axis">The axis of the channels: −1 is the last.</param>
/// <param name="momentum">
/// The share of a moving average that each batch keeps, in [0, 1]: moving·m + batch·(1 − m). Default: 0.99.
/// </param>
/// <param name="epsilon">The constant added to the variance, above 0. Default: 0.001.</param>
/// <param name="center"><see langword="true"/> to add beta.</param>
/// <param name="scale"><see langword="true"/> to multiply by gamma.</param>
/// <param name="betaInitializer">The initializer of beta; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="gammaInitializer">The initializer of gamma; <see langword="null"/> for <c>"ones"</c>.</param>
/// <param name="movingMeanInitializer">
/// The initializer of the moving mean; <see langword="null"/> for <c>"zeros"</c>.
/// </param>
/// <param name="movingVarianceInitializer">
/// The initializer of the moving variance; <see langword="null"/> for <c>"ones"</c>.
/// </param>
/// <param name="unbiasedMovingVariance">
/// <see langword="true"/> to update the moving variance by the batch's unbiased variance (divided by n − 1), as Keras
/// 2's fused kernel and PyTorch do; Keras 3 uses the biased variance.
/// </param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>batch_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
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

    /// <summary>The axis of the channels; negative counts from the end.</summary>
    public int Axis { get; } =
        axis != 0
            ? axis
            : throw Argument.OutOfRange(nameof(BatchNormalization), nameof(axis), axis, "an axis after the batch's");

    /// <summary>The share of a moving average that each batch keeps.</summary>
    public double Momentum { get; } = Argument.Between(momentum, 0, 1, nameof(BatchNormalization), nameof(momentum));

    /// <summary>The constant added to the variance.</summary>
    public double Epsilon { get; } = Argument.Above(epsilon, 0, nameof(BatchNormalization), nameof(epsilon));

    /// <summary><see langword="true"/> if beta is added.</summary>
    public bool Center { get; } = center;

    /// <summary><see langword="true"/> if the values are multiplied by gamma.</summary>
    public bool Scale { get; } = scale;

    /// <summary>The initializer of beta.</summary>
    public Initializer BetaInitializer { get; } = betaInitializer ?? "zeros";

    /// <summary>The initializer of gamma.</summary>
    public Initializer GammaInitializer { get; } = gammaInitializer ?? "ones";

    /// <summary>The initializer of the moving mean.</summary>
    public Initializer MovingMeanInitializer { get; } = movingMeanInitializer ?? "zeros";

    /// <summary>The initializer of the moving variance.</summary>
    public Initializer MovingVarianceInitializer { get; } = movingVarianceInitializer ?? "ones";

    /// <summary><see langword="true"/> if the moving variance is updated by the batch's unbiased variance.</summary>
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
            // Not one of Keras's keys: written only if it differs from Keras 2.
            config["unbiased_moving_variance"] = false;
        }
        return WithPenalties(config);
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
        string? name = null,
        Regularizer? betaRegularizer = null,
        Regularizer? gammaRegularizer = null,
        Constraint? betaConstraint = null,
        Constraint? gammaConstraint = null
    )
    {
        var layer = new BatchNormalization(
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
        );
        layer.SetRegularizer("beta", betaRegularizer);
        layer.SetRegularizer("gamma", gammaRegularizer);
        layer.SetConstraint("beta", betaConstraint);
        layer.SetConstraint("gamma", gammaConstraint);
        return layer.Apply;
    }
}
