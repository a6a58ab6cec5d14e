namespace Lamina;

/// <summary>
/// Resizes images by two matrix products, one along the rows and one along the columns: each output pixel is a weighted
/// sum of input pixels, whatever the interpolation.
/// </summary>
internal static class ResizeMatrix
{
    private static readonly string[] s_names = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"];

    /// <summary>Returns the interpolation if it is known.</summary>
    public static string Require(string interpolation, string layer) =>
        s_names.Contains(interpolation)
            ? interpolation
            : throw new ArgumentException(
                $"{layer}: '{interpolation}' is not an interpolation. Use one of {string.Join(", ", s_names)}.",
                nameof(interpolation)
            );

    /// <summary>Resizes images, (N, H, W, C), to a number of rows and columns.</summary>
    public static Symbol Apply(Symbol x, int rows, int columns, string interpolation, bool antialias)
    {
        Shape shape = x.Shape.RequireImages("a resize");
        (int height, int width, int channels) = (shape[1]!.Value, shape[2]!.Value, shape[3]!.Value);
        if (rows != height)
        {
            Symbol lines = Ops.Reshape(x, Shape.Of(height, checked(width * channels)));
            Symbol matrix = Constants.Of(Weights(height, rows, interpolation, antialias), rows, height);
            x = Ops.Reshape(Ops.MatMul(matrix, lines), Shape.Of(rows, width, channels));
        }
        return columns == width
            ? x
            : Ops.MatMul(Constants.Of(Weights(width, columns, interpolation, antialias), columns, width), x);
    }

    /// <summary>
    /// Returns the share of each input pixel in each output pixel, (outputs, inputs). Pixels have their centers at ½, as
    /// in TensorFlow 2; shares beyond the border are left out and the others scaled to a sum of 1.
    /// </summary>
    /// <param name="inputs">The number of input pixels.</param>
    /// <param name="outputs">The number of output pixels.</param>
    /// <param name="interpolation">The interpolation.</param>
    /// <param name="antialias">
    /// <see langword="true"/> to widen the interpolation's kernel when an image is made smaller.
    /// </param>
    public static float[] Weights(int inputs, int outputs, string interpolation, bool antialias)
    {
        var result = new float[checked(inputs * outputs)];
        double scale = (double)inputs / outputs;
        double width = antialias ? Math.Max(scale, 1) : 1;
        for (int i = 0; i < outputs; i++)
        {
            double center = ((i + 0.5) * scale) - 0.5;
            Span<float> row = result.AsSpan(i * inputs, inputs);
            if (interpolation == "nearest")
            {
                row[Math.Min((int)Math.Floor((i + 0.5) * scale), inputs - 1)] = 1;
                continue;
            }
            double sum = 0;
            for (int j = 0; j < inputs; j++)
            {
                sum += Kernel(interpolation, Math.Abs(center - j) / width);
            }
            for (int j = 0; j < inputs; j++)
            {
                row[j] = (float)(Kernel(interpolation, Math.Abs(center - j) / width) / sum);
            }
        }
        return result;
    }

    private static double Kernel(string interpolation, double x) =>
        interpolation switch
        {
            "bilinear" => Math.Max(0, 1 - x),
            // Keys's cubic convolution with a = −½.
            "bicubic" => x >= 2 ? 0
            : x >= 1 ? ((((-0.5 * x) + 2.5) * x) - 4) * x + 2
            : ((((1.5 * x) - 2.5) * x) * x) + 1,
            "lanczos3" => Lanczos(3, x),
            _ => Lanczos(5, x),
        };

    private static double Lanczos(int radius, double x)
    {
        if (x >= radius)
        {
            return 0;
        }
        double angle = Math.PI * x;
        return x < 1e-12 ? 1 : radius * Math.Sin(angle) * Math.Sin(angle / radius) / (angle * angle);
    }
}
