using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that normalizes groups of channels of each sample, then scales and shifts the channels (Wu &amp; He 2018). The shape does not change. Weights, one value per channel: gamma, beta. Like Keras's GroupNormalization.</summary>
/// <param name="groups">The number of groups, which must divide the channels; −1 for one group per channel (instance normalization). Default: 32.</param>
/// <param name="axis">The axis of the channels: −1 is the last.</param>
/// <param name="epsilon">The constant added to the variance, above 0. Default: 0.001.</param>
/// <param name="center"><see langword="true"/> to add beta.</param>
/// <param name="scale"><see langword="true"/> to multiply by gamma.</param>
/// <param name="betaInitializer">The initializer of beta; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="gammaInitializer">The initializer of gamma; <see langword="null"/> for <c>"ones"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>group_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class GroupNormalization(
    int groups = 32,
    int axis = -1,
    double epsilon = 1e-3,
    bool center = true,
    bool scale = true,
    Initializer? betaInitializer = null,
    Initializer? gammaInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<GroupNormalization>
{
    private Weight? _gamma;
    private Weight? _beta;

    /// <summary>The number of groups; −1 for one group per channel.</summary>
    public int Groups { get; } = RequireGroups(groups);

    /// <summary>The axis of the channels; negative counts from the end.</summary>
    public int Axis { get; } =
        axis != 0
            ? axis
            : throw Argument.OutOfRange(nameof(GroupNormalization), nameof(axis), axis, "an axis after the batch's");

    /// <summary>The constant added to the variance.</summary>
    public double Epsilon { get; } = Argument.Above(epsilon, 0, nameof(GroupNormalization), nameof(epsilon));

    /// <summary><see langword="true"/> to add beta.</summary>
    public bool Center { get; } = center;

    /// <summary><see langword="true"/> to multiply by gamma.</summary>
    public bool Scale { get; } = scale;

    /// <summary>The initializer of beta.</summary>
    public Initializer BetaInitializer { get; } = betaInitializer ?? "zeros";

    /// <summary>The initializer of gamma.</summary>
    public Initializer GammaInitializer { get; } = gammaInitializer ?? "ones";

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        int channels = inputs[0][Axes.Resolve(Axis, inputs[0])]!.Value;
        if (Groups > 0 && channels % Groups != 0)
        {
            throw new ShapeException($"{Groups} groups do not divide the input's {channels} channels.");
        }
        _gamma = Scale ? AddWeight("gamma", Shape.Of(channels), GammaInitializer) : null;
        _beta = Center ? AddWeight("beta", Shape.Of(channels), BetaInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Axes.OnLast(inputs[0], Axis, Apply);

    /// <inheritdoc/>
    public static GroupNormalization FromConfig(LayerConfigReader config) =>
        new(
            config.Int("groups", 32),
            config.Axis("axis", -1),
            config.Double("epsilon", 1e-3),
            config.Bool("center", true),
            config.Bool("scale", true),
            config.Initializer("beta_initializer", "zeros"),
            config.Initializer("gamma_initializer", "ones"),
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["groups"] = Groups;
        config["axis"] = Axis;
        config["epsilon"] = Epsilon;
        config["center"] = Center;
        config["scale"] = Scale;
        config["beta_initializer"] = BetaInitializer.ToJson();
        config["gamma_initializer"] = GammaInitializer.ToJson();
        return config.WithNulls("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint");
    }

    // The channels are last.
    private Symbol Apply(Symbol x)
    {
        int channels = x.Shape[^1]!.Value;
        int groups = Groups > 0 ? Groups : channels;
        int positions = checked((int)(x.Shape.SampleCount / channels));
        Symbol grouped = Ops.Reshape(x, Shape.Of(positions, groups, channels / groups));
        Symbol centered = grouped - Ops.Mean(grouped, [1, 3], keepDims: true);
        Symbol variance = Ops.Mean(Ops.Square(centered), [1, 3], keepDims: true);
        Symbol y = Ops.Reshape(centered / Ops.Sqrt(variance + Epsilon), x.Shape.Sample);
        y = _gamma is null ? y : y * _gamma.Symbol;
        return _beta is null ? y : y + _beta.Symbol;
    }

    private static int RequireGroups(int groups) =>
        groups is > 0 or -1
            ? groups
            : throw Argument.OutOfRange(
                nameof(GroupNormalization),
                nameof(groups),
                groups,
                "at least 1, or -1 for one group per channel"
            );
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.GroupNormalization"/>
    public static Call<GroupNormalization> GroupNormalization(
        int groups = 32,
        int axis = -1,
        double epsilon = 1e-3,
        bool center = true,
        bool scale = true,
        Initializer? betaInitializer = null,
        Initializer? gammaInitializer = null,
        string? name = null
    ) => new GroupNormalization(groups, axis, epsilon, center, scale, betaInitializer, gammaInitializer, name).Apply;
}
