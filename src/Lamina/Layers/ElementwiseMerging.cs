namespace Lamina;

/// <summary>A layer that averages two or more inputs. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of 1 after their batch. Like Keras's Average.</summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>average</c>.</param>
public sealed class Average(string? name = null) : Layer(name), IFromConfig<Average>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
        Ops.Add(Merging.OfOneRank(inputs)) * (1.0 / inputs.Count);

    /// <inheritdoc/>
    public static Average FromConfig(LayerConfigReader config) => new(config.Name);
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Average"/>
    public static Call<Average> Average(string? name = null) => new Average(name).Apply;
}

/// <summary>A layer that returns the greatest of two or more inputs, elementwise. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of 1 after their batch. Like Keras's Maximum.</summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>maximum</c>.</param>
public sealed class Maximum(string? name = null) : Layer(name), IFromConfig<Maximum>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Merging.OfOneRank(inputs).Aggregate(Ops.Maximum);

    /// <inheritdoc/>
    public static Maximum FromConfig(LayerConfigReader config) => new(config.Name);
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Maximum"/>
    public static Call<Maximum> Maximum(string? name = null) => new Maximum(name).Apply;
}

/// <summary>A layer that returns the least of two or more inputs, elementwise. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of 1 after their batch. Like Keras's Minimum.</summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>minimum</c>.</param>
public sealed class Minimum(string? name = null) : Layer(name), IFromConfig<Minimum>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, int.MaxValue);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Merging.OfOneRank(inputs).Aggregate(Ops.Minimum);

    /// <inheritdoc/>
    public static Minimum FromConfig(LayerConfigReader config) => new(config.Name);
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Minimum"/>
    public static Call<Minimum> Minimum(string? name = null) => new Minimum(name).Apply;
}

/// <summary>A layer that subtracts its second input from its first. Dimensions of 1 are repeated, and inputs of lower rank get dimensions of 1 after their batch. Like Keras's Subtract.</summary>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>subtract</c>.</param>
public sealed class Subtract(string? name = null) : Layer(name), IFromConfig<Subtract>
{
    /// <inheritdoc/>
    protected override (int Min, int Max) InputCount => (2, 2);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Merging.OfOneRank(inputs).Aggregate(Ops.Subtract);

    /// <inheritdoc/>
    public static Subtract FromConfig(LayerConfigReader config) => new(config.Name);
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Subtract"/>
    public static Call<Subtract> Subtract(string? name = null) => new Subtract(name).Apply;
}
