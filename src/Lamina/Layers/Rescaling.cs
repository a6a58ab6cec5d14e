using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that computes x · scale + offset, with one pair of numbers or one per channel. The shape does not change.
/// Like Keras's Rescaling.
/// </summary>
/// <param name="scale">The factor: one finite number, or one per channel.</param>
/// <param name="offset">The offset: one finite number, or one per channel.</param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>rescaling</c>.</param>
/// <exception cref="ArgumentException">A list is empty or contains a number that is not finite.</exception>
public sealed class Rescaling(IReadOnlyList<float> scale, IReadOnlyList<float> offset, string? name = null)
    : Layer(name),
        IFromConfig<Rescaling>
{
    /// <summary>The factor: one number, or one per channel.</summary>
    public IReadOnlyList<float> Scale { get; } = Require(scale, nameof(scale));

    /// <summary>The offset: one number, or one per channel.</summary>
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
            : throw new ArgumentException($"Rescaling: {name} must be one finite number, or one per channel.", name);
    }
}

public static partial class Layers
{
    /// <summary>
    /// Creates a layer that computes x · scale + offset. The shape does not change. Like Keras's Rescaling.
    /// </summary>
    /// <param name="scale">The factor, such as 1.0 / 255.</param>
    /// <param name="offset">The offset.</param>
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
