namespace Lamina.Inspect;

/// <summary>Operations on planes of numbers, (height, width).</summary>
internal static class Planes
{
    /// <summary>Resizes a plane bilinearly between the centers of pixels; beyond the outermost centers it is constant.</summary>
    public static NDArray Resize(NDArray plane, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (int h, int w) = (plane.Shape[0]!.Value, plane.Shape[1]!.Value);
        ReadOnlySpan<float> from = plane.Values;
        var result = new NDArray(Shape.Of(height, width));
        for (int y = 0; y < height; y++)
        {
            (int y0, int y1, float fy) = Between(y, height, h);
            for (int x = 0; x < width; x++)
            {
                (int x0, int x1, float fx) = Between(x, width, w);
                float above = from[(y0 * w) + x0] + (fx * (from[(y0 * w) + x1] - from[(y0 * w) + x0]));
                float below = from[(y1 * w) + x0] + (fx * (from[(y1 * w) + x1] - from[(y1 * w) + x0]));
                result.Values[(y * width) + x] = above + (fy * (below - above));
            }
        }
        return result;
    }

    /// <summary>Blurs each channel of images by a Gaussian; the edges are repeated.</summary>
    /// <param name="images">(N, height, width, channels).</param>
    /// <param name="sigma">The standard deviation in pixels, above 0.</param>
    public static NDArray Blur(NDArray images, double sigma)
    {
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        double[] taps =
        [
            .. Enumerable.Range(-radius, (2 * radius) + 1).Select(d => Math.Exp(-d * d / (2 * sigma * sigma))),
        ];
        double sum = taps.Sum();
        float[] kernel = [.. taps.Select(t => (float)(t / sum))];
        int[] dims = images.Shape.ToArray();
        NDArray across = Along(images, kernel, dims[2], dims[3]);
        return Along(across, kernel, dims[1], dims[2] * dims[3]);
    }

    // Positions along the axis are a stride apart.
    private static NDArray Along(NDArray images, float[] kernel, int length, int stride)
    {
        var result = new NDArray(images.Shape);
        ReadOnlySpan<float> from = images.Values;
        Span<float> to = result.Values;
        int radius = kernel.Length / 2;
        for (int i = 0; i < to.Length; i++)
        {
            int at = i / stride % length;
            float sum = 0;
            for (int k = -radius; k <= radius; k++)
            {
                int shifted = Math.Clamp(at + k, 0, length - 1) - at;
                sum += kernel[k + radius] * from[i + (shifted * stride)];
            }
            to[i] = sum;
        }
        return result;
    }

    private static (int First, int Second, float Share) Between(int at, int size, int from)
    {
        double position = Math.Clamp(((at + 0.5) * from / size) - 0.5, 0, from - 1);
        int first = (int)position;
        return (first, Math.Min(first + 1, from - 1), (float)(position - first));
    }
}
