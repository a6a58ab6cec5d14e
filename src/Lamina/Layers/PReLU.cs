using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that computes x above 0, else alpha · x, with a trained alpha for each element of a sample (He et al. 2015). The shape does not change. Weights: alpha, (1 in shared axes, else the size of the input's). Like Keras's PReLU.</summary>
/// <param name="alphaInitializer">The initializer of the slopes; <see langword="null"/> for <c>"zeros"</c>.</param>
/// <param name="sharedAxes">The axes, from 1, along which one slope is used: (1, 2) for one slope per channel of images; <see langword="null"/> for none.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>p_re_lu</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class PReLU(
    Initializer? alphaInitializer = null,
    IReadOnlyList<int>? sharedAxes = null,
    string? name = null
) : Layer(name), IFromConfig<PReLU>
{
    private Weight? _alpha;

    /// <summary>The initializer of the slopes.</summary>
    public Initializer AlphaInitializer { get; } = alphaInitializer ?? "zeros";

    /// <summary>The axes, from 1, along which one slope is used: (1, 2) for one slope per channel of images; <see langword="null"/> for none.</summary>
    public IReadOnlyList<int>? SharedAxes { get; } = Require(sharedAxes);

    /// <inheritdoc/>
    protected override void Build(IReadOnlyList<Shape> inputs)
    {
        Shape slopes = inputs[0].Sample;
        foreach (int axis in SharedAxes ?? [])
        {
            slopes = slopes.With(Axes.Resolve(axis, inputs[0]) - 1, 1);
        }
        _alpha = AddWeight("alpha", slopes, AlphaInitializer);
    }

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.Relu(inputs[0]) - (_alpha!.Symbol * Ops.Relu(-inputs[0]));

    /// <inheritdoc/>
    public static PReLU FromConfig(LayerConfigReader config) =>
        new(
            config.Initializer("alpha_initializer", "zeros"),
            config.Has("shared_axes") ? config.Ints("shared_axes") : null,
            config.Name
        );

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha_initializer"] = AlphaInitializer.ToJson();
        config["shared_axes"] = SharedAxes is { } axes ? new JsonArray([.. axes.Select(a => (JsonNode)a)]) : null;
        return config.WithNulls("alpha_regularizer", "alpha_constraint");
    }

    private static IReadOnlyList<int>? Require(IReadOnlyList<int>? axes) =>
        axes?.Contains(0) != true
            ? axes
            : throw Argument.OutOfRange(nameof(PReLU), nameof(sharedAxes), 0, "axes after the batch's");
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.PReLU"/>
    public static Call<PReLU> PReLU(
        Initializer? alphaInitializer = null,
        IReadOnlyList<int>? sharedAxes = null,
        string? name = null
    ) => new PReLU(alphaInitializer, sharedAxes, name).Apply;
}
