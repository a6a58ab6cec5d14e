using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer that sets every element to 0.</summary>
public sealed record Zeros : Initializer, IFromConfig<Zeros>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Clear();

    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    /// <inheritdoc/>
    public static Zeros FromConfig(LayerConfigReader config) => new();
}
