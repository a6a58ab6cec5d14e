using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An initializer of matrices with <paramref name="Gain"/> on the main diagonal and zeros elsewhere. Keras calls it
/// Identity or IdentityInitializer; in Lamina, <see cref="Identity"/> is the layer.
/// </summary>
/// <param name="Gain">The value on the diagonal. Default: 1.</param>
public sealed record IdentityInitializer(double Gain = 1) : Initializer, IFromConfig<IdentityInitializer>
{
    /// <summary>The class in configs.</summary>
    internal const string ConfigClass = "Identity";

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The shape does not have two dimensions.</exception>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        if (shape.Rank != 2)
        {
            throw new ShapeException(
                $"Identity needs a weight of two dimensions, such as the kernel of a Dense, got {shape}."
            );
        }
        int columns = shape[1]!.Value;
        values.Clear();
        for (int i = 0; i < Math.Min(shape[0]!.Value, columns); i++)
        {
            values[(i * columns) + i] = (float)Gain;
        }
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["gain"] = Gain };

    /// <inheritdoc/>
    public static IdentityInitializer FromConfig(LayerConfigReader config) => new(config.Double("gain", 1));
}
