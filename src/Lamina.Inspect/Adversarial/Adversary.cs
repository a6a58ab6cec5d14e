namespace Lamina.Inspect;

/// <summary>
/// Changes images by at most epsilon per pixel so that a classifier errs: it climbs the loss of the true class by the sign of
/// its gradient. Pixels stay in their range.
/// </summary>
public sealed class Adversary
{
    private readonly Attributor _attributor;
    private readonly NDArray _black;
    private readonly NDArray _white;

    /// <summary>Creates an adversary of a model.</summary>
    /// <param name="attributor">The attributor of the model, which the caller disposes.</param>
    /// <param name="black">The prepared values of black, (1, height, width, channels).</param>
    /// <param name="white">The prepared values of white, (1, height, width, channels).</param>
    public Adversary(Attributor attributor, NDArray black, NDArray white)
    {
        ArgumentNullException.ThrowIfNull(attributor);
        ArgumentNullException.ThrowIfNull(black);
        ArgumentNullException.ThrowIfNull(white);
        Shape image = attributor.Model.Inputs[0].Shape.WithBatch(1);
        if (black.Shape != image || white.Shape != image)
        {
            throw new ShapeException($"black and white must be {image}, got {black.Shape} and {white.Shape}.");
        }
        (_attributor, _black, _white) = (attributor, black, white);
    }

    /// <summary>Returns adversarial images.</summary>
    /// <param name="images">(N, height, width, channels), prepared.</param>
    /// <param name="labels">The true class of each.</param>
    /// <param name="epsilon">The most that a pixel changes, as a fraction of the range from black to white, 0 to 1.</param>
    /// <param name="options">The steps; the defaults if <see langword="null"/>.</param>
    /// <returns>In the shape of the images.</returns>
    public NDArray Attack(NDArray images, IReadOnlyList<int> labels, double epsilon, AttackOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new AttackOptions();
        options.Validate();
        if (!(epsilon is >= 0 and <= 1) || labels.Count != images.Count)
        {
            throw new LaminaException(
                $"epsilon is {epsilon} for {images.Count} images with {labels.Count} labels: it must be 0 to 1, with a label per image."
            );
        }
        var result = new NDArray(images.Shape, images.Values.ToArray());
        var random = new RandomStream(options.Seed, RandomPurpose.User, 3);
        if (options.RandomStart)
        {
            Move(result, images, epsilon, _ => (2 * random.NextDouble()) - 1, epsilon);
        }
        double size = epsilon * (options.StepSize ?? (options.Steps == 1 ? 1 : 2.5 / options.Steps));
        for (int step = 0; step < options.Steps; step++)
        {
            NDArray gradients = LossGradients(result, labels);
            Move(result, images, size, i => Math.Sign(gradients.Values[i]), epsilon);
        }
        return result;
    }

    /// <summary>Returns the predicted classes of images.</summary>
    /// <param name="images">(N, height, width, channels), prepared.</param>
    public IReadOnlyList<int> Predict(NDArray images)
    {
        NDArray scores = _attributor.Scores(images);
        return [.. Enumerable.Range(0, scores.Count).Select(i => Softmax.ArgMax(scores.Samples(i, 1).Values))];
    }

    // The gradient of −log softmax by the scores: the probabilities less the true class's 1.
    private NDArray LossGradients(NDArray images, IReadOnlyList<int> labels)
    {
        NDArray weights = _attributor.Probabilities(images);
        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)_attributor.Classes)
            {
                throw new LaminaException(
                    $"there is no class {labels[i]}. The model has {_attributor.Classes} classes, from 0."
                );
            }
            weights[i, labels[i]] -= 1;
        }
        return _attributor.Gradients(images, weights);
    }

    // The range may be negative, where preprocessing inverts pixels.
    private void Move(NDArray images, NDArray originals, double size, Func<int, double> direction, double epsilon)
    {
        int pixels = _black.Values.Length;
        for (int i = 0; i < images.Values.Length; i++)
        {
            (double black, double white) = (_black.Values[i % pixels], _white.Values[i % pixels]);
            double range = Math.Abs(white - black);
            double moved = images.Values[i] + (size * range * direction(i));
            double original = originals.Values[i];
            moved = Math.Clamp(moved, original - (epsilon * range), original + (epsilon * range));
            images.Values[i] = (float)Math.Clamp(moved, Math.Min(black, white), Math.Max(black, white));
        }
    }
}
