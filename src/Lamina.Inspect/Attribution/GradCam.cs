namespace Lamina.Inspect;

/// <summary>Weighted sums of maps: Grad-CAM (Selvaraju et al., 2017) and Grad-CAM++ (Chattopadhay et al., 2018).</summary>
public static class GradCam
{
    /// <summary>
    /// Returns max(0, Σₖ αₖ Aₖ), where αₖ is the mean gradient of a class's score by map k.
    /// </summary>
    /// <param name="maps">The maps A, (height, width, channels).</param>
    /// <param name="gradients">The gradients of the score by the maps, in the same shape.</param>
    /// <returns>(height, width).</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static NDArray Map(NDArray maps, NDArray gradients)
    {
        double[] weights = Sums(maps, gradients, (_, g, _) => g);
        double pixels = (double)maps.Shape[0]!.Value * maps.Shape[1]!.Value;
        return Combine(maps, [.. weights.Select(w => w / pixels)]);
    }

    /// <summary>
    /// Returns max(0, Σₖ wₖ Aₖ) with wₖ = Σ α max(0, g) and α = g² ÷ (2g² + g³ Σ Aₖ), by the gradients g of map k: the exponential
    /// of the score is explained, whose factor is left out.
    /// </summary>
    /// <param name="maps">The maps A, (height, width, channels).</param>
    /// <param name="gradients">The gradients of the score by the maps, in the same shape.</param>
    /// <returns>(height, width).</returns>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static NDArray PlusPlusMap(NDArray maps, NDArray gradients)
    {
        double[] totals = Sums(maps, gradients, (a, _, _) => a);
        return Combine(
            maps,
            Sums(
                maps,
                gradients,
                (_, g, k) =>
                {
                    double divisor = (2 * g * g) + (g * g * g * totals[k]);
                    return g > 0 && divisor != 0 ? g * g / divisor * g : 0;
                }
            )
        );
    }

    private static double[] Sums(NDArray maps, NDArray gradients, Func<double, double, int, double> term)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(gradients);
        if (maps.Shape.Rank != 3 || maps.Shape != gradients.Shape)
        {
            throw new ShapeException(
                $"Grad-CAM needs maps and gradients (height, width, channels), got {maps.Shape} and {gradients.Shape}."
            );
        }
        int channels = maps.Shape[2]!.Value;
        var sums = new double[channels];
        for (int i = 0; i < maps.Values.Length; i++)
        {
            sums[i % channels] += term(maps.Values[i], gradients.Values[i], i % channels);
        }
        return sums;
    }

    private static NDArray Combine(NDArray maps, double[] weights)
    {
        var result = new NDArray(Shape.Of(maps.Shape[0]!.Value, maps.Shape[1]!.Value));
        for (int pixel = 0; pixel < result.Values.Length; pixel++)
        {
            double sum = 0;
            for (int k = 0; k < weights.Length; k++)
            {
                sum += weights[k] * maps.Values[(pixel * weights.Length) + k];
            }
            result.Values[pixel] = (float)Math.Max(0, sum);
        }
        return result;
    }
}
