using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer that sets every element to 1.</summary>
public sealed record Ones : Initializer, IFromConfig<Ones>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill(1);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    /// <inheritdoc/>
    public static Ones FromConfig(LayerConfigReader config) => new();
}
