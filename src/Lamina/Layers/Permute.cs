using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer that reorders the dimensions after the batch. Like Keras's Permute.</summary>
/// <param name="dims">
/// The source dimension of each output dimension, counted from 1: (2, 1) swaps the two after the batch.
/// </param>
/// <param name="name">The layer's name; <see langword="null"/> for the next <c>permute</c>.</param>
/// <exception cref="ArgumentException">
/// <paramref name="dims"/> does not contain each number from 1 exactly once.
/// </exception>
public sealed class Permute(IReadOnlyList<int> dims, string? name = null) : Layer(name), IFromConfig<Permute>
{
    /// <summary>The source dimension of each output dimension after the batch, from 1.</summary>
    public IReadOnlyList<int> Dims { get; } = Require(dims);

    /// <inheritdoc/>
    protected override Symbol Call(IReadOnlyList<Symbol> inputs) => Ops.Transpose(inputs[0], Dims);

    /// <inheritdoc/>
    public static Permute FromConfig(LayerConfigReader config) => new(config.Ints("dims"), config.Name);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["dims"] = new JsonArray([.. Dims.Select(d => (JsonNode)d)]);
        return config;
    }

    private static int[] Require(IReadOnlyList<int> dims)
    {
        ArgumentNullException.ThrowIfNull(dims);
        return dims.Order().SequenceEqual(Enumerable.Range(1, dims.Count))
            ? [.. dims]
            : throw new ArgumentException(
                $"Permute: dims is ({string.Join(", ", dims)}); it must contain each number from 1 to {dims.Count} once."
            );
    }
}

public static partial class Layers
{
    /// <inheritdoc cref="Lamina.Permute"/>
    public static Call<Permute> Permute(IReadOnlyList<int> dims, string? name = null) => new Permute(dims, name).Apply;
}
