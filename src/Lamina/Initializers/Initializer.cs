using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Makes a weight's first values. A name converts: <c>"glorot_uniform"</c>, <c>"he_normal"</c>, <c>"zeros"</c>…
/// </summary>
public abstract record Initializer
{
    /// <summary>A seed of its own that replaces the session's; <see langword="null"/> for the session's.</summary>
    public int? Seed { get; init; }

    /// <summary>Fills a weight.</summary>
    /// <param name="values">The weight's elements, in its shape's order.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <param name="random">The weight's own stream.</param>
    public abstract void Fill(Span<float> values, Shape shape, ref RandomStream random);

    /// <summary>
    /// The initializer's config with Keras's keys: what a saved model holds, and what <c>FromConfig</c> reads. The registry
    /// reads the seed.
    /// </summary>
    public virtual JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <summary>The initializer of this Keras name.</summary>
    /// <exception cref="ArgumentException">No initializer has this name.</exception>
    public static implicit operator Initializer(string name) => Initializers.FromName(name);

    /// <summary>
    /// Keras's fans: (n, n) for a vector; (in, out) for a matrix; for kernels, (kh·kw·in / groups, kh·kw·filters).
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
