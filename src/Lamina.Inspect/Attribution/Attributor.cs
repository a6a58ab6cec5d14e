namespace Lamina.Inspect;

/// <summary>
/// Explains the score of a class by the parts of an image: which pixels or regions the score depends on. The score is the
/// logit of the class: the input of the final softmax, or the output of a model without one.
/// </summary>
/// <remarks>
/// Images are prepared, (1, height, width, channels). All layers behave as in inference. Memory is bounded: copies of an
/// image are computed <see cref="BatchSize"/> at a time. Thread-safe.
/// </remarks>
public sealed class Attributor : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Device _device;
    private readonly Symbol _scores;
    private readonly Dictionary<ReluRule, GradientFunction> _byImage = [];
    private readonly Dictionary<Symbol, GradientFunction> _byMaps = [];

    /// <summary>Creates an attributor; functions are compiled when they are first needed.</summary>
    /// <param name="model">A model from images (N, height, width, channels) to scores (N, classes).</param>
    /// <param name="device">The device that computes. Default: <see cref="Device.Cpu"/>.</param>
    /// <exception cref="LaminaException">The model has other inputs or outputs.</exception>
    public Attributor(Model model, Device device = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, _device) = (model, device);
        _scores = SpatialLayers.Scores(model);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The number of copies of an image that are computed at a time.</summary>
    public static int BatchSize => 16;

    /// <summary>The number of classes.</summary>
    public int Classes => _scores.Shape[1]!.Value;

    /// <summary>Returns the scores of images.</summary>
    /// <param name="images">(N, height, width, channels).</param>
    /// <returns>(N, classes).</returns>
    public NDArray Scores(NDArray images) => Model.PredictLogits(images, BatchSize, _device);

    /// <summary>Returns the probabilities of images: the softmax of their scores.</summary>
    /// <param name="images">(N, height, width, channels).</param>
    /// <returns>(N, classes).</returns>
    public NDArray Probabilities(NDArray images)
    {
        NDArray scores = Scores(images);
        for (int i = 0; i < scores.Count; i++)
        {
            Softmax.InPlace(scores.Samples(i, 1).Values);
        }
        return scores;
    }

    /// <summary>
    /// Returns the largest magnitude over channels of the gradient of a class's score by each pixel (Simonyan et al., 2014).
    /// </summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    public AttributionMap Saliency(NDArray image, int @class) =>
        Largest(@class, Gradients(Require(image), @class, ReluRule.Derivative));

    /// <summary>
    /// Returns the saliency by a gradient of which ReLUs pass only positive values (Springenberg et al., 2015). It is sharp,
    /// but depends little on the class.
    /// </summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    public AttributionMap GuidedBackpropagation(NDArray image, int @class) =>
        Largest(@class, Gradients(Require(image), @class, ReluRule.Guided));

    /// <summary>Returns the saliency by the mean gradient over noisy copies of the image (Smilkov et al., 2017).</summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    /// <param name="options">The number of copies, noise and seed; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    public AttributionMap SmoothGrad(
        NDArray image,
        int @class,
        SmoothGradOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        options ??= new SmoothGradOptions();
        options.Validate();
        float[] pixels = Require(image).Values.ToArray();
        double deviation = options.Noise * (pixels.Max() - pixels.Min());
        var random = new RandomStream(options.Seed, RandomPurpose.User);
        NDArray sum = Sum(
            image,
            options.Copies,
            @class,
            copy =>
            {
                foreach (ref float value in copy)
                {
                    value += (float)(deviation * random.NextNormal());
                }
            },
            cancellation
        );
        return Largest(@class, sum);
    }

    /// <summary>
    /// Returns the share of each pixel in the difference between the image's score and that of a baseline: the pixel's
    /// difference times the mean gradient along the line between both (Sundararajan et al., 2017). The sum over all pixels
    /// is the difference of the scores, up to the error of the midpoint rule.
    /// </summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    /// <param name="baseline">The image that means nothing, in the same shape. Default: zeros, mostly the mean color.</param>
    /// <param name="steps">The number of gradients along the line, at least 1. Default: 64.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    public AttributionMap IntegratedGradients(
        NDArray image,
        int @class,
        NDArray? baseline = null,
        int steps = 64,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        baseline ??= new NDArray(Require(image).Shape);
        if (Require(image).Shape != baseline.Shape)
        {
            throw new ShapeException(
                $"the baseline is {baseline.Shape}; it must have the image's shape {image.Shape}."
            );
        }
        int step = 0;
        NDArray sum = Sum(
            image,
            steps,
            @class,
            copy =>
            {
                float share = (float)((step++ + 0.5) / steps);
                for (int i = 0; i < copy.Length; i++)
                {
                    copy[i] = baseline.Values[i] + (share * (copy[i] - baseline.Values[i]));
                }
            },
            cancellation
        );
        for (int i = 0; i < sum.Values.Length; i++)
        {
            sum.Values[i] *= (image.Values[i] - baseline.Values[i]) / steps;
        }
        return OverChannels(@class, sum, values => values.ToArray().Sum());
    }

    /// <summary>Returns where the maps of a layer speak for a class: <see cref="Inspect.GradCam.Map"/>.</summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    /// <param name="layer">The name of a layer with maps. Default: the last convolution, after its activation.</param>
    /// <returns>A map of the size of the layer's maps; <see cref="AttributionMap.Resized"/> fits it to the image.</returns>
    /// <exception cref="LaminaException">The model has no convolution, or the layer has no maps.</exception>
    public AttributionMap GradCam(NDArray image, int @class, string? layer = null) =>
        ByMaps(image, @class, layer, Inspect.GradCam.Map);

    /// <summary>
    /// Returns where the maps of a layer speak for a class, also with several instances of it in the image:
    /// <see cref="Inspect.GradCam.PlusPlusMap"/>.
    /// </summary>
    /// <inheritdoc cref="GradCam"/>
    public AttributionMap GradCamPlusPlus(NDArray image, int @class, string? layer = null) =>
        ByMaps(image, @class, layer, Inspect.GradCam.PlusPlusMap);

    /// <summary>
    /// Returns how far the probability of a class falls where a square of the image is covered (Zeiler and Fergus, 2014): for
    /// each pixel, the mean over the squares that cover it.
    /// </summary>
    /// <param name="image">(1, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    /// <param name="options">The square and its steps; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    public AttributionMap Occlusion(
        NDArray image,
        int @class,
        OcclusionOptions? options = null,
        CancellationToken cancellation = default
    )
    {
        RequireClass(@class);
        return new OcclusionPass(this, Require(image), options ?? new OcclusionOptions()).Run(@class, cancellation);
    }

    /// <summary>Returns the gradients of a class's score by images.</summary>
    /// <param name="images">(N, height, width, channels).</param>
    /// <param name="class">The index of the class.</param>
    /// <param name="rule">The rule of ReLUs. Default: <see cref="ReluRule.Derivative"/>.</param>
    /// <returns>In the shape of the images.</returns>
    public NDArray Gradients(NDArray images, int @class, ReluRule rule = ReluRule.Derivative)
    {
        ArgumentNullException.ThrowIfNull(images);
        RequireClass(@class);
        return ByImage(rule).Run([images], OfClass(images.Count, @class)).Gradients[0];
    }

    /// <summary>Returns the gradients by images of their scores, weighted.</summary>
    /// <param name="images">(N, height, width, channels).</param>
    /// <param name="weights">The weights of the scores, (N, classes), from the scores.</param>
    internal NDArray Gradients(NDArray images, NDArray weights) =>
        ByImage(ReluRule.Derivative).Run([images], weights).Gradients[0];

    /// <summary>Throws if the model has no maps for Grad-CAM.</summary>
    /// <param name="layer">The name of a layer with maps. Default: the last convolution.</param>
    /// <exception cref="LaminaException">The model has no convolution, or the layer has no maps.</exception>
    public void RequireMaps(string? layer = null) => MapsOf(layer);

    private Symbol MapsOf(string? layer) =>
        layer is null ? SpatialLayers.LastMaps(Model) : SpatialLayers.MapsOf(Model, layer);

    private GradientFunction ByImage(ReluRule rule)
    {
        lock (_lock)
        {
            if (!_byImage.TryGetValue(rule, out GradientFunction? function))
            {
                var options = new GradientOptions { ReluRule = rule, Device = _device };
                function = Lamina.Gradients.Of(_scores, Model.Inputs[0], options);
                _byImage[rule] = function;
            }
            return function;
        }
    }

    private AttributionMap ByMaps(NDArray image, int @class, string? layer, Func<NDArray, NDArray, NDArray> combine)
    {
        RequireClass(@class);
        Symbol maps = MapsOf(layer);
        GradientFunction? function;
        lock (_lock)
        {
            if (!_byMaps.TryGetValue(maps, out function))
            {
                var options = new GradientOptions { Values = [maps], Device = _device };
                function = Lamina.Gradients.Of(_scores, maps, options);
                _byMaps[maps] = function;
            }
        }
        GradientResult result = function.Run([Require(image)], OfClass(1, @class));
        Shape shape = result.Values[0].Shape.Sample;
        return new AttributionMap(@class, combine(result.Values[0].Reshape(shape), result.Gradients[0].Reshape(shape)));
    }

    private NDArray Sum(NDArray image, int copies, int @class, Change change, CancellationToken cancellation)
    {
        RequireClass(@class);
        var sum = new NDArray(image.Shape);
        for (int start = 0; start < copies; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, copies - start);
            var batch = new NDArray(image.Shape.WithBatch(count));
            for (int i = 0; i < count; i++)
            {
                Span<float> copy = batch.Samples(i, 1).Values;
                image.Values.CopyTo(copy);
                change(copy);
            }
            NDArray gradients = Gradients(batch, @class);
            for (int i = 0; i < gradients.Values.Length; i++)
            {
                sum.Values[i % sum.Values.Length] += gradients.Values[i];
            }
        }
        return sum;
    }

    private static AttributionMap Largest(int @class, NDArray gradients) =>
        OverChannels(
            @class,
            gradients,
            values =>
            {
                float largest = 0;
                foreach (float value in values)
                {
                    largest = Math.Max(largest, Math.Abs(value));
                }
                return largest;
            }
        );

    private static AttributionMap OverChannels(int @class, NDArray values, Reduce reduce)
    {
        int[] dims = values.Shape.ToArray();
        var plane = new NDArray(Shape.Of(dims[1], dims[2]));
        for (int i = 0; i < plane.Values.Length; i++)
        {
            plane.Values[i] = reduce(values.Values.Slice(i * dims[3], dims[3]));
        }
        return new AttributionMap(@class, plane) { Channels = values.Reshape(values.Shape.Sample) };
    }

    private NDArray OfClass(int count, int @class)
    {
        var weights = new NDArray(Shape.Of(count, Classes));
        for (int i = 0; i < count; i++)
        {
            weights[i, @class] = 1;
        }
        return weights;
    }

    private static NDArray Require(NDArray image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Shape.Rank == 4 && image.Count == 1
            ? image
            : throw new ShapeException(
                $"an attribution explains one image (1, height, width, channels), got {image.Shape}."
            );
    }

    private void RequireClass(int @class)
    {
        if ((uint)@class >= (uint)Classes)
        {
            throw new LaminaException($"there is no class {@class}. {Model.Name} has {Classes} classes, from 0.");
        }
    }

    /// <summary>Frees the compiled functions.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (GradientFunction function in _byImage.Values.Concat(_byMaps.Values))
            {
                function.Dispose();
            }
            _byImage.Clear();
            _byMaps.Clear();
        }
    }

    private delegate void Change(Span<float> copy);

    private delegate float Reduce(ReadOnlySpan<float> values);
}
