using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An initializer whose rows or columns, whichever are fewer, are orthogonal and have the length
/// <paramref name="Gain"/> (Saxe et al., 2013), like Keras's. A kernel counts as a matrix (kh · kw · in, filters).
/// </summary>
/// <param name="Gain">The factor. Default: 1.</param>
public sealed record Orthogonal(double Gain = 1) : Initializer, IFromConfig<Orthogonal>
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">The shape has fewer than two dimensions.</exception>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        if (shape.Rank < 2)
        {
            throw new ShapeException($"Orthogonal needs a weight of two dimensions or more, got {shape}.");
        }
        int columns = shape[^1]!.Value;
        int rows = values.Length / columns;
        (int count, int length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        var vectors = new double[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = Independent(vectors.AsSpan(0, i), length, ref random);
            for (int j = 0; j < length; j++)
            {
                int place = rows < columns ? (i * columns) + j : (j * columns) + i;
                values[place] = (float)(Gain * vectors[i][j]);
            }
        }
    }

    // Normal draws have no preferred direction, and neither has what is left of them beside the vectors before.
    private static double[] Independent(ReadOnlySpan<double[]> before, int length, ref RandomStream random)
    {
        var vector = new double[length];
        for (int j = 0; j < length; j++)
        {
            vector[j] = random.NextNormal();
        }
        // Once more for what rounding leaves.
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (double[] other in before)
            {
                double share = Product(vector, other);
                for (int j = 0; j < length; j++)
                {
                    vector[j] -= share * other[j];
                }
            }
        }
        double size = Math.Sqrt(Product(vector, vector));
        for (int j = 0; j < length; j++)
        {
            vector[j] /= size;
        }
        return vector;
    }

    private static double Product(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["gain"] = Gain, ["seed"] = Seed };

    /// <inheritdoc/>
    public static Orthogonal FromConfig(LayerConfigReader config) => new(config.Double("gain", 1));
}
