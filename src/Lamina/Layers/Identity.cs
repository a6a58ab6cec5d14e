namespace Lamina;

/// <summary>A layer that returns its input. Like Keras's Identity.</summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>identity</c>.</param>
public sealed class Identity(string? name = null) : Layer(name), IFromConfig<Identity>
{
    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => inputs[0];

    /// <inheritdoc/>
    public static Identity FromConfig(LayerConfigReader config) => new(config.Name);
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Identity"/>
    public static Call<Identity> Identity(string? name = null) => new Identity(name).Apply;
}
