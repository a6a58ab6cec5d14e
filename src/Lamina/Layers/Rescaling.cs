using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>x · scale + offset, one of each or one a channel. The shape stays. As Keras's Rescaling.</summary>
/// <param name="scale">One finite factor, or one a channel.</param>
/// <param name="offset">One finite summand, or one a channel.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>rescaling</c>.</param>
/// <exception cref="ArgumentException">A list is empty or holds a number that is not finite.</exception>
public sealed class Rescaling(IReadOnlyList<float> scale, IReadOnlyList<float> offset, string? name = null)
    : Layer(name),
        IFromConfig<Rescaling>
{
    /// <summary>One factor, or one a channel.</summary>
    public IReadOnlyList<float> Scale { get; } = Require(scale, nameof(scale));

    /// <summary>One summand, or one a channel.</summary>
    public IReadOnlyList<float> Offset { get; } = Require(offset, nameof(offset));

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Rescale(inputs[0], Scale, Offset);

    /// <inheritdoc/>
    public static Rescaling FromConfig(LayerConfigReader config) =>
        new(config.Floats("scale"), config.Floats("offset", 0), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["scale"] = ToJson(Scale);
        config["offset"] = ToJson(Offset);
        return config;
    }

    private static JsonNode ToJson(IReadOnlyList<float> values) =>
        values is [var one] ? one : new JsonArray([.. values.Select(v => (JsonNode)v)]);

    private static float[] Require(IReadOnlyList<float> values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        return values.Count > 0 && values.All(float.IsFinite)
            ? [.. values]
            : throw new ArgumentException($"Rescaling: {name} must be one finite number, or one a channel.", name);
    }
}

public static partial class Layers
{
    /// <summary>x · scale + offset. The shape stays. As Keras's Rescaling.</summary>
    /// <param name="scale">The factor, such as 1.0 / 255.</param>
    /// <param name="offset">The summand.</param>
    /// <param name="name">The layer's name; <see langword="null"/> for the next <c>rescaling</c>.</param>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static Call<Rescaling> Rescaling(double scale, double offset = 0, string? name = null) =>
        new Rescaling([(float)scale], [(float)offset], name).Apply;

    /// <inheritdoc cref="Lamina.Rescaling"/>
    public static Call<Rescaling> Rescaling(
        IReadOnlyList<float> scale,
        IReadOnlyList<float> offset,
        string? name = null
    ) => new Rescaling(scale, offset, name).Apply;
}
