using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer that sets every element to the same value.</summary>
/// <param name="Value">The value.</param>
public sealed record Constant(double Value = 0) : Initializer, IFromConfig<Constant>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill((float)Value);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["value"] = Value };

    /// <inheritdoc/>
    public static Constant FromConfig(LayerConfigReader config) => new(config.Double("value", 0));
}
