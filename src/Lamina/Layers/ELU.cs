using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that computes x above 0, else alpha · (eˣ − 1). The shape does not change. Like Keras's ELU.</summary>
/// <param name="alpha">The scale below 0, finite.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>elu</c>.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
public sealed class ELU(double alpha = 1, string? name = null) : Layer(name), IFromConfig<ELU>
{
    /// <summary>The scale below 0, finite.</summary>
    public double Alpha { get; } = Argument.Finite(alpha, nameof(ELU), nameof(alpha));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Activate(inputs[0], ActivationKind.Elu, Alpha);

    /// <inheritdoc/>
    public static ELU FromConfig(LayerConfigReader config) => new(config.Double("alpha", 1), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha"] = Alpha;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.ELU"/>
    public static Call<ELU> ELU(double alpha = 1, string? name = null) => new ELU(alpha, name).Apply;
}
