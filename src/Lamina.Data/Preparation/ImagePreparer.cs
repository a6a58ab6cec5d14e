namespace Lamina;

/// <summary>Decoded pixels to a model's input, with the memory that this takes; one belongs to one thread.</summary>
internal sealed class ImagePreparer(Preprocessing preprocessing)
{
    private readonly Resizer _resizer = new();
    private readonly Affine _affine = preprocessing.ToAffine();

    /// <summary>Where images are decoded to.</summary>
    public PixelBuffer Pixels { get; } = new();

    /// <summary>Resizes and scales the image in <see cref="Pixels"/>.</summary>
    /// <param name="output">Gets height × width × channels values.</param>
    /// <param name="augmentations">The changes, in order.</param>
    /// <param name="random">Where the changes' draws come from.</param>
    public void Prepare(Span<float> output, IReadOnlyList<Augmentation> augmentations, ref RandomStream random)
    {
        if (preprocessing.Channels == 1 && Pixels.Channels == 3)
        {
            Pixels.ToGrey();
        }
        SampleWindow window = preprocessing.WindowOf(Pixels.Height, Pixels.Width);
        var size = new Size2(preprocessing.Height, preprocessing.Width);
        for (int i = 0; i < augmentations.Count; i++)
        {
            augmentations[i].ChooseWindow(ref window, size, ref random);
        }
        _resizer.Resize(Pixels, window, size, _affine, output);
        Pixels.Trim();
    }
}
