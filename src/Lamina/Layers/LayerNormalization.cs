using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that normalizes each sample along some axes, then scales and shifts it (Ba et al. 2016). The shape does not change. Weights, of the sizes of the axes: gamma, beta. Like Keras's LayerNormalization.</summary>
/// <param name="axis">The axes, which gamma and beta have; negative counts from the end; <see langword="null"/> for the last.</param>
/// <param name="epsilon">The constant added to the variance, above 0. Default: 0.001.</param>
/// <param name="center"><see langword="true"/> to add beta.</param>
/// <param name="scale"><see langword="true"/> to multiply by gamma.</param>
/// <param name="betaInitializer">The initializer of beta; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="gammaInitializer">The initializer of gamma; <see langword="null"/> for <c>"ones"</c>.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>layer_normalization</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class LayerNormalization(
    IReadOnlyList<int>? axis = null,
    double epsilon = 1e-3,
    bool center = true,
    bool scale = true,
    Initializer? betaInitializer = null,
    Initializer? gammaInitializer = null,
    string? name = null
) : Layer(name), IFromConfig<LayerNormalization>
{
    private Weight? _gamma;
    private Weight? _beta;

    /// <summary>The axes, which gamma and beta have; negative counts from the end; <see langword="null"/> for the last.</summary>
    public IReadOnlyList<int> Axis { get; } = LayerAxes.Require(axis);

    /// <summary>The constant added to the variance.</summary>
    public double Epsilon { get; } = Argument.Above(epsilon, 0, nameof(LayerNormalization), nameof(epsilon));

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
        var shape = Shape.Of([.. LayerAxes.Resolve(Axis, inputs[0]).Select(a => inputs[0][a]!.Value)]);
        _gamma = Scale ? AddWeight("gamma", shape, GammaInitializer) : null;
        _beta = Center ? AddWeight("beta", shape, BetaInitializer) : null;
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Symbol x = inputs[0];
        int[] axes = LayerAxes.Resolve(Axis, x.Shape);
        Symbol centered = x - Ops.Mean(x, axes, keepDims: true);
        Symbol variance = Ops.Mean(Ops.Square(centered), axes, keepDims: true);
        Symbol y = centered / Ops.Sqrt(variance + Epsilon);
        y = _gamma is null ? y : y * LayerAxes.Stretch(_gamma, axes, x.Shape.Rank);
        return _beta is null ? y : y + LayerAxes.Stretch(_beta, axes, x.Shape.Rank);
    }

    /// <inheritdoc/>
    public static LayerNormalization FromConfig(LayerConfigReader config) =>
        new(
            config.Has("axis") ? config.AxisList("axis") : null,
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
        config["axis"] = Axis.AxesToJson();
        config["epsilon"] = Epsilon;
        config["center"] = Center;
        config["scale"] = Scale;
        config["beta_initializer"] = BetaInitializer.ToJson();
        config["gamma_initializer"] = GammaInitializer.ToJson();
        return config.WithNulls("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint");
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.LayerNormalization"/>
    public static Call<LayerNormalization> LayerNormalization(
        IReadOnlyList<int>? axis = null,
        double epsilon = 1e-3,
        bool center = true,
        bool scale = true,
        Initializer? betaInitializer = null,
        Initializer? gammaInitializer = null,
        string? name = null
    ) => new LayerNormalization(axis, epsilon, center, scale, betaInitializer, gammaInitializer, name).Apply;
}

/// <summary>Axes of layers that normalize along several of them.</summary>
internal static class LayerAxes
{
    /// <summary>Returns a copy of the axes, or the last axis for <see langword="null"/>.</summary>
    public static int[] Require(IReadOnlyList<int>? axis) => axis is null ? [-1] : [.. axis];

    /// <summary>Returns the axes counted from the front, ascending.</summary>
    public static int[] Resolve(IReadOnlyList<int> axis, Shape shape)
    {
        int[] axes = [.. axis.Select(a => Axes.Resolve(a, shape)).Order()];
        return axes.Length > 0 && axes.Distinct().Count() == axes.Length
            ? axes
            : throw new ShapeException($"the axes ({string.Join(", ", axis)}) must be distinct axes of {shape}.");
    }

    /// <summary>Returns a weight of the sizes of some axes with ones in place of the others, for broadcasting.</summary>
    public static Symbol Stretch(Weight weight, int[] axes, int rank)
    {
        int[] after = [.. Enumerable.Range(axes[0] + 1, rank - axes[0] - 1)];
        return after.AsSpan().SequenceEqual(axes.AsSpan(1))
            ? weight.Symbol
            : Ops.Reshape(
                weight.Symbol,
                Shape.Of([.. after.Select(a => Array.IndexOf(axes, a) is >= 0 and var i ? weight.Shape[i]!.Value : 1)])
            );
    }

    /// <summary>Returns the axes in the form of a config: one number, or a list.</summary>
    public static JsonNode AxesToJson(this IReadOnlyList<int> axes) =>
        axes is [var one] ? one : new JsonArray([.. axes.Select(a => (JsonNode)a)]);
}
