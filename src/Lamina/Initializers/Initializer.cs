using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Creates a weight's initial values. A name converts: <c>"glorot_uniform"</c>, <c>"he_normal"</c>, <c>"zeros"</c>…
/// </summary>
public abstract record Initializer
{
    /// <summary>The seed that replaces the session's; <see langword="null"/> for the session's.</summary>
    public int? Seed { get; init; }

    /// <summary>Fills a weight.</summary>
    /// <param name="values">The weight's elements, in the order of its shape.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <param name="random">The weight's own random stream.</param>
    public abstract void Fill(Span<float> values, Shape shape, ref RandomStream random);

    /// <summary>
    /// Returns the initializer's config with Keras's keys, as saved models contain it and <c>FromConfig</c> reads it.
    /// The registry reads the seed.
    /// </summary>
    public virtual JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <summary>Returns the initializer with this Keras name; <see langword="null"/> for <see langword="null"/>.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    [return: NotNullIfNotNull(nameof(name))]
    public static implicit operator Initializer?(string? name) => name is null ? null : Initializers.FromName(name);

    /// <summary>
    /// Returns Keras's fans: (n, n) for a vector; (in, out) for a matrix; (kh·kw·in / groups, kh·kw·filters) for
    /// kernels.
    /// </summary>
    public static (double FanIn, double FanOut) Fans(Shape shape)
    {
        if (shape.Rank == 0)
        {
            return (1, 1);
        }
        if (shape.Rank == 1)
        {
            return (shape[0]!.Value, shape[0]!.Value);
        }
        double receptive = 1;
        for (int i = 0; i < shape.Rank - 2; i++)
        {
            receptive *= shape[i]!.Value;
        }
        return (receptive * shape[^2]!.Value, receptive * shape[^1]!.Value);
    }
}
