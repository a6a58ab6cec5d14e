namespace Lamina;

/// <summary>Decoded pixels to a model's input, with the memory that this takes; one belongs to one thread.</summary>
internal sealed class ImagePreparer(Preprocessing preprocessing)
{
    private readonly Resizer _resizer = new();
    private readonly Affine _affine = preprocessing.ToAffine();
    private readonly Affine _identity = Affine.Identity(preprocessing.Width, preprocessing.Channels);
    private readonly MeanSubtraction? _mean = preprocessing.MeanImage is { } mean ? new(preprocessing, mean) : null;
    private readonly Size2 _size = new(preprocessing.Height, preprocessing.Width);

    /// <summary>Where images are decoded to.</summary>
    public PixelBuffer Pixels { get; } = new();

    /// <summary>Resizes and scales the image in <see cref="Pixels"/>.</summary>
    /// <param name="output">Gets height × width × channels values.</param>
    /// <param name="augmentations">The changes, in order.</param>
    /// <param name="random">Where the changes' draws come from.</param>
    public void Prepare(Span<float> output, IReadOnlyList<Augmentation> augmentations, ref RandomStream random)
    {
        SampleFrame frame = preprocessing.FrameOf(Begin());
        SampleWindow window = frame.MiddleWindow;
        bool changes = false;
        for (int i = 0; i < augmentations.Count; i++)
        {
            augmentations[i].ChooseWindow(ref window, frame, ref random);
            changes |= augmentations[i].ChangesPixels;
        }
        if (!changes)
        {
            _resizer.Resize(Pixels, window, _size, _affine, output);
        }
        else
        {
            _resizer.Resize(Pixels, window, _size, _identity, output);
            for (int i = 0; i < augmentations.Count; i++)
            {
                augmentations[i].ChangePixels(output, _size, preprocessing.Channels, ref random);
            }
            int stride = _size.Width * preprocessing.Channels;
            for (int y = 0; y < _size.Height; y++)
            {
                Span<float> line = output.Slice(y * stride, stride);
                _affine.Apply(line, preprocessing.Channels, line);
            }
        }
        _mean?.Subtract(frame.Image, window, output);
        Pixels.Trim();
    }

    /// <summary>Makes the ten crops of the image in <see cref="Pixels"/>: corners and centre, then their mirror images.</summary>
    /// <param name="output">Gets 10 × height × width × channels values.</param>
    public void PrepareTenCrops(Span<float> output)
    {
        SampleFrame frame = preprocessing.CropFrameOf(Begin());
        int size = output.Length / TenCrop.Count;
        for (int crop = 0; crop < TenCrop.Plain; crop++)
        {
            SampleWindow window = frame.CropAt(crop);
            Span<float> plain = output.Slice(crop * size, size);
            _resizer.Resize(Pixels, window, _size, _affine, plain);
            _mean?.Subtract(frame.Image, window, plain);
            // Mirroring comes last whatever was done before, so the mirror image need not be made again.
            TenCrop.Mirror(plain, output.Slice((TenCrop.Plain + crop) * size, size), _size, preprocessing.Channels);
        }
        Pixels.Trim();
    }

    private Size2 Begin()
    {
        if (preprocessing.Channels == 1 && Pixels.Channels == 3)
        {
            Pixels.ToGrey();
        }
        return new Size2(Pixels.Height, Pixels.Width);
    }
}
