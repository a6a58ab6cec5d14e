using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that applies an activation. The shape does not change. Like Keras's Activation.</summary>
/// <param name="activation">The activation.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>activation</c>.</param>
/// <exception cref="ArgumentNullException"><paramref name="activation"/> is <see langword="null"/>.</exception>
public sealed class ActivationLayer(Activation activation, string? name = null)
    : Layer(name),
        IFromConfig<ActivationLayer>
{
    /// <inheritdoc/>
    public override string ClassName => "Activation";

    /// <inheritdoc/>
    public override Activation Activation { get; } = activation ?? throw new ArgumentNullException(nameof(activation));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Activation.Apply(inputs[0]);

    /// <inheritdoc/>
    public static ActivationLayer FromConfig(LayerConfigReader config) =>
        new(config.Activation("activation"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["activation"] = Activation.Name;
        return config;
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.ActivationLayer"/>
    public static Call<ActivationLayer> Activation(Activation activation, string? name = null) =>
        new ActivationLayer(activation, name).Apply;
}
