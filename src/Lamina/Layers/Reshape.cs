using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A layer that reshapes each sample. Input: (N, …). Output: (N, target shape). Like Keras's Reshape.
/// </summary>
/// <param name="targetShape">
/// The shape without the batch. One dimension may be −1, which is inferred from the others.
/// </param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>reshape</c>.</param>
/// <exception cref="ArgumentException">More than one dimension is −1, or one is 0 or below −1.</exception>
public sealed class Reshape(IReadOnlyList<int> targetShape, string? name = null) : Layer(name), IFromConfig<Reshape>
{
    /// <summary>The shape without the batch.</summary>
    public IReadOnlyList<int> TargetShape { get; } = Require(targetShape);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs)
    {
        Shape x = inputs[0].Shape;
        long known = TargetShape.Where(d => d > 0).Aggregate(1L, (product, d) => checked(product * d));
        if (x.SampleCount % known != 0)
        {
            throw new ShapeException(
                $"{x} has {x.SampleCount} elements per sample and cannot become ({string.Join(", ", TargetShape)})."
            );
        }
        int rest = checked((int)(x.SampleCount / known));
        return Ops.Reshape(inputs[0], Shape.Of([.. TargetShape.Select(d => d == -1 ? rest : d)]));
    }

    /// <inheritdoc/>
    public static Reshape FromConfig(LayerConfigReader config) => new(config.Ints("target_shape"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["target_shape"] = new JsonArray([.. TargetShape.Select(d => (JsonNode)d)]);
        return config;
    }

    private static int[] Require(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Count(d => d == -1) <= 1 && shape.All(d => d is -1 or > 0)
            ? [.. shape]
            : throw new ArgumentException(
                $"Reshape: targetShape is ({string.Join(", ", shape)}); dimensions must be at least 1, and one may be -1."
            );
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Reshape"/>
    public static Call<Reshape> Reshape(params ReadOnlySpan<int> targetShape) =>
        new Reshape(targetShape.ToArray()).Apply;

    /// <inheritdoc cref="Lamina.Reshape"/>
    public static Call<Reshape> Reshape(IReadOnlyList<int> targetShape, string? name) =>
        new Reshape(targetShape, name).Apply;
}
