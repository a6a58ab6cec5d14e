namespace Lamina.Inspect;

/// <summary>
/// Draws the images that excite filters most (Erhan et al., 2009; Yosinski et al., 2015): gradient ascent from noise, with random
/// shifts and a blur that keep the image smooth, and pixels kept in their range.
/// </summary>
public sealed class ActivationMaximization : IDisposable
{
    private readonly GradientFunction _function;
    private readonly Shape _image;
    private readonly Shape _shape;

    /// <summary>Prepares the ascent.</summary>
    /// <param name="model">A model from images.</param>
    /// <param name="layer">The name of a layer with maps. Default: the last convolution.</param>
    /// <exception cref="LaminaException">There are no such maps.</exception>
    public ActivationMaximization(Model model, string? layer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Symbol maps = layer is null ? SpatialLayers.LastMaps(model) : SpatialLayers.MapsOf(model, layer);
        // Before its activation, where a filter that is silent still has a gradient.
        if (maps.Producer is { Op: ActivationOp, Inputs: [var before] })
        {
            maps = before;
        }
        (_image, _shape) = (model.Inputs[0].Shape, maps.Shape);
        _function = Gradients.Of(maps, model.Inputs[0]);
    }

    /// <summary>The number of filters.</summary>
    public int Filters => _shape[3]!.Value;

    /// <summary>Draws the images of some filters, which are computed at the same time.</summary>
    /// <param name="filters">The filters.</param>
    /// <param name="black">The prepared values of black, (1, height, width, channels).</param>
    /// <param name="white">The prepared values of white, (1, height, width, channels).</param>
    /// <param name="options">The steps and the seed; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <returns>An image for each filter, (filters, height, width, channels), prepared.</returns>
    /// <exception cref="LaminaException">There is no such filter.</exception>
    public NDArray Run(
        IReadOnlyList<int> filters,
        NDArray black,
        NDArray white,
        MaximizationOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(filters);
        ArgumentNullException.ThrowIfNull(black);
        ArgumentNullException.ThrowIfNull(white);
        options ??= new MaximizationOptions();
        if (filters.Where(f => (uint)f >= (uint)Filters).Select(f => (int?)f).FirstOrDefault() is { } wrong)
        {
            throw new LaminaException(
                $"there is no filter {wrong}. The layer has {Filters} filters, from 0 to {Filters - 1}."
            );
        }
        var random = new RandomStream(options.Seed, RandomPurpose.User, 1);
        NDArray images = Noise(filters.Count, black, white, ref random);
        NDArray weights = Weights(filters);
        for (int step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int dy = random.NextInt32((2 * options.Jitter) + 1) - options.Jitter;
            int dx = random.NextInt32((2 * options.Jitter) + 1) - options.Jitter;
            NDArray gradients = Shift(_function.Run([Shift(images, dy, dx)], weights).Gradients[0], -dy, -dx);
            for (int i = 0; i < filters.Count; i++)
            {
                Climb(
                    images.Samples(i, 1).Values,
                    gradients.Samples(i, 1).Values,
                    black.Values,
                    white.Values,
                    options.Rate
                );
            }
            if (options.Blur > 0 && step % 4 == 3 && step + 4 < options.Steps)
            {
                Planes.Blur(images, options.Blur).Values.CopyTo(images.Values);
            }
        }
        return images;
    }

    private static void Climb(
        Span<float> image,
        ReadOnlySpan<float> gradient,
        ReadOnlySpan<float> black,
        ReadOnlySpan<float> white,
        double rate
    )
    {
        double squares = 0;
        foreach (float g in gradient)
        {
            squares += (double)g * g;
        }
        double length = Math.Sqrt(squares / gradient.Length) + 1e-12;
        for (int i = 0; i < image.Length; i++)
        {
            double range = white[i] - (double)black[i];
            double moved = image[i] + (rate * Math.Abs(range) * gradient[i] / length);
            image[i] = (float)Math.Clamp(moved, Math.Min(black[i], white[i]), Math.Max(black[i], white[i]));
        }
    }

    private NDArray Noise(int count, NDArray black, NDArray white, ref RandomStream random)
    {
        var images = new NDArray(_image.WithBatch(count));
        int size = black.Values.Length;
        for (int i = 0; i < images.Values.Length; i++)
        {
            double share = 0.5 + (0.05 * random.NextNormal());
            images.Values[i] = (float)(
                black.Values[i % size] + (share * (white.Values[i % size] - (double)black.Values[i % size]))
            );
        }
        return images;
    }

    // The mean of one map per image.
    private NDArray Weights(IReadOnlyList<int> filters)
    {
        var weights = new NDArray(_shape.WithBatch(filters.Count));
        int positions = _shape[1]!.Value * _shape[2]!.Value;
        for (int i = 0; i < filters.Count; i++)
        {
            for (int p = 0; p < positions; p++)
            {
                weights.Values[(((i * positions) + p) * Filters) + filters[i]] = 1f / positions;
            }
        }
        return weights;
    }

    // Around the edges, so that nothing is lost.
    private static NDArray Shift(NDArray images, int dy, int dx)
    {
        int[] dims = images.Shape.ToArray();
        var result = new NDArray(images.Shape);
        for (int n = 0; n < dims[0]; n++)
        {
            for (int y = 0; y < dims[1]; y++)
            {
                for (int x = 0; x < dims[2]; x++)
                {
                    int toY = (y + dy + dims[1]) % dims[1];
                    int toX = (x + dx + dims[2]) % dims[2];
                    images
                        .Values.Slice(((((n * dims[1]) + y) * dims[2]) + x) * dims[3], dims[3])
                        .CopyTo(result.Values[(((((n * dims[1]) + toY) * dims[2]) + toX) * dims[3])..]);
                }
            }
        }
        return result;
    }

    /// <summary>Frees the compiled gradient.</summary>
    public void Dispose() => _function.Dispose();
}
